package imageproxy

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"parley/shared/fault"
	"parley/shared/fetch"
	"parley/shared/host"
	"parley/shared/limit"
	"parley/shared/remote"
	"parley/shared/secret"
)

type door struct {
	secrets secret.Store
	web     fetch.Getter
	now     func() time.Time
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	d := &door{secrets: c.Secret(c.Env("PARLEY_SECRETS")), web: c.Fetch, now: c.Now}
	return host.HTTP(http.HandlerFunc(d.serve)), nil
}

func (d *door) serve(w http.ResponseWriter, r *http.Request) {
	p, left, err := d.picture(r)
	if err != nil {
		refuse(w, r, err)
		return
	}
	h := headers(w)
	h.Set("Content-Type", p.kind)
	h.Set("Cache-Control", fmt.Sprintf("private, max-age=%d, immutable", int(left.Seconds())))
	_, _ = w.Write(p.bytes) // writes to memory
}

// headers sets those that every answer carries: it is of no use to other origins, and as a page of its own it is nothing.
func headers(w http.ResponseWriter) http.Header {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	return h
}

// picture opens the link and fetches what is behind it.
func (d *door) picture(r *http.Request) (p picture, left time.Duration, err error) {
	if r.Method != http.MethodGet {
		return p, 0, fault.New(fault.Invalid, "A picture is looked at, and nothing else.")
	}
	key, err := d.secrets.Find(r.Context(), secret.ImageSigningKey)
	if fault.Is(err, fault.NotFound) { // nobody has opened a mail with pictures yet
		err = remote.Forged()
	}
	if err != nil {
		return p, 0, err
	}
	address, left, err := remote.NewSigner(key).Open(r.URL.Query(), d.now())
	if err != nil {
		return p, 0, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), limit.ImageTimeout)
	defer cancel()
	a, err := d.web.Get(ctx, fetch.Request{URL: address, Accept: accepts, Most: limit.ImageBytes})
	switch {
	case err != nil:
		return p, 0, err
	case a.Status != http.StatusOK:
		return p, 0, fault.New(fault.NotFound, "The server has no such picture: it says %d.", a.Status)
	}
	p, err = examine(a.Body)
	return p, left, err
}

// problem is an error answer (RFC 9457) as package problem writes it for the other doors. That one brings a router along; here there is as little
// code as there can be.
type problem struct {
	Type      string     `json:"type"`
	Title     string     `json:"title"`
	Status    int        `json:"status"`
	Detail    string     `json:"detail"`
	Code      fault.Code `json:"code"`
	RequestID string     `json:"requestId"`
}

func refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := problem{Type: "about:blank", Status: host.StatusOf(err), Detail: fault.MessageOf(err), Code: fault.CodeOf(err)}
	p.Title = http.StatusText(p.Status)
	if e := host.RequestEvent(r.Context()); e != nil {
		p.RequestID = e.RequestContext.RequestID
	}
	h := headers(w)
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	switch p.Code {
	case fault.Internal:
		host.From(r.Context()).Error("image", "requestId", p.RequestID, "error", err)
	case fault.Busy:
		h.Set("Retry-After", "1")
	case fault.NotFound, fault.Invalid: // a server that is slow or away is not asked at every look at the mail
		h.Set("Cache-Control", "private, max-age=300")
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // writes to memory
}
