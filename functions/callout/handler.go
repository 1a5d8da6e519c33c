package callout

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"parley/shared/fault"
	"parley/shared/fetch"
	"parley/shared/host"
	"parley/shared/limit"
	"parley/shared/secret"
	"parley/shared/store"
	"parley/shared/table/image"
	"parley/shared/webpush"
)

type handler struct {
	store   *store.Store
	secrets secret.Store
	web     fetch.Getter
	now     func() time.Time
	subject string // where a push service may complain
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	h := &handler{
		store:   store.Open(c.Table, store.Names{Outbox: c.Env("PARLEY_TABLE_OUTBOX")}, c.Now, c.NewID),
		secrets: c.Secret(c.Env("PARLEY_SECRETS")), web: c.Fetch, now: c.Now, subject: "mailto:postmaster@" + c.Env("PARLEY_MAIL_DOMAIN"),
	}
	return host.Stream(h.record), nil
}

func (h *handler) record(ctx context.Context, r host.Record) error {
	it, err := image.Decode(r.Change.New)
	var p store.Push
	if err == nil && it != nil {
		err = json.Unmarshal(it.Doc, &p)
	}
	if err != nil { // the job stays in the table and is due: sweep brings it again
		host.From(ctx).Error("record cannot be read", "id", r.EventID, "error", err)
		return nil
	}
	if p.Kind != store.PushKind {
		return nil
	}
	p, ok, err := h.store.Devices.Owed(ctx, p)
	switch {
	case err != nil || !ok || !p.Ready:
		return err
	case h.now().Sub(p.At) > limit.PushLife:
		return h.store.Devices.Done(ctx, p)
	}
	status, err := h.send(ctx, p)
	if err != nil && fault.CodeOf(err) == fault.Internal {
		return err
	}
	return h.outcome(context.WithoutCancel(ctx), p, status, err)
}

// send asks the device's push service once (RFC 8030 §5). A coded fault is about the service.
func (h *handler) send(ctx context.Context, p store.Push) (status int, err error) {
	seed, err := h.secrets.Find(ctx, secret.PushKey)
	if err != nil { // no device is kept before there is one: whatever the code says, this is no word of the service
		return 0, fmt.Errorf("the key of pushes: %w", errors.New(fault.MessageOf(err)))
	}
	key, err := webpush.NewKey(seed)
	if err != nil {
		return 0, err
	}
	plain, err := json.Marshal(p.Told)
	if err != nil {
		return 0, err
	}
	d := p.Device
	body, err := webpush.Seal(webpush.Target{Endpoint: d.Endpoint, P256dh: d.P256dh, Auth: d.Auth}, plain)
	if err != nil {
		return 0, err
	}
	authorization, err := key.Authorization(d.Endpoint, h.subject, h.now())
	if err != nil {
		return 0, err
	}
	urgency := "normal"
	if p.Urgent {
		urgency = "high"
	}
	topic := sha256.Sum256([]byte(p.Thread)) // of what a device has not fetched, the newest of a thread is enough
	calling, cancel := context.WithTimeout(ctx, limit.PushTimeout)
	defer cancel()
	answer, err := h.web.Get(calling, fetch.Request{URL: d.Endpoint, Accept: "*/*", Most: limit.PushAnswer, Post: body, Header: map[string]string{
		"Content-Type": "application/octet-stream", "Content-Encoding": "aes128gcm", "Authorization": authorization,
		"TTL": strconv.Itoa(int(limit.PushLife.Seconds())), "Urgency": urgency, "Topic": base64.RawURLEncoding.EncodeToString(topic[:])[:32],
	}})
	return answer.Status, err
}

// outcome writes what came of a push.
func (h *handler) outcome(ctx context.Context, p store.Push, status int, err error) error {
	log := host.From(ctx).With("service", hostOf(p.Device.Endpoint), "device", p.Device.ID(), "status", status, "error", err)
	switch {
	case err == nil && status/100 == 2:
		return h.store.Devices.Done(ctx, p)
	case status == http.StatusNotFound || status == http.StatusGone, fault.Is(err, fault.Denied):
		log.Info("a device takes no pushes any more")
		return h.store.Devices.Gone(ctx, p)
	case err == nil && status/100 == 4 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout:
		log.Warn("a push was refused")
		return h.store.Devices.Done(ctx, p)
	}
	if p.Attempts++; p.Attempts >= limit.PushAttempts {
		log.Warn("a push was given up")
		return h.store.Devices.Done(ctx, p)
	}
	p.Ready, p.Due = false, h.now().Add(limit.PushBackoff<<(p.Attempts-1)).UTC()
	_, err = h.store.Devices.Set(ctx, p)
	return err
}

// hostOf is what of an endpoint may be logged: the rest of it is the right to send.
func hostOf(endpoint string) string {
	at, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return at.Host
}
