package agentapi

import (
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/secret"
	"parley/shared/store"
	"parley/shared/webpush"
)

// device is one of the caller's, as they see it: its endpoint is the right to send to it, and stays here.
type device struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	At   time.Time `json:"at" doc:"When it was last named."`
}

type devicesOut struct {
	Body struct {
		Key     string   `json:"key" doc:"applicationServerKey: a point of P-256 in base64url."`
		Devices []device `json:"devices" doc:"The newest first, ten at most."`
	}
}

type deviceIn struct {
	Body struct {
		Endpoint string `json:"endpoint" maxLength:"1024"`
		P256dh   string `json:"p256dh" maxLength:"88"`
		Auth     string `json:"auth" maxLength:"24"`
		Name     string `json:"name" maxLength:"80" doc:"What its user knows it by."`
	}
}

type (
	deviceOut struct{ Body device }
	deviceOf  struct {
		ID string `path:"id" maxLength:"64"`
	}
)

func (d *door) registerDevices() {
	huma.Register(d.api, op("GET", "/api/me/push", "listDevices", "The browsers that the caller is told on while no page is open, and the key to subscribe one"), d.devices)
	huma.Register(d.api, op("POST", "/api/me/push", "addDevice", "Name a browser that takes pushes; one that is known is renewed"), d.addDevice)
	huma.Register(d.api, op("DELETE", "/api/me/push/{id}", "deleteDevice", "Push to a browser no more"), d.deleteDevice)
}

func shownDevice(d store.Device) device { return device{d.ID(), d.Name, d.At} }

func (d *door) devices(ctx context.Context, _ *struct{}) (*devicesOut, error) {
	key, err := d.pushKey(ctx)
	if err != nil {
		return nil, err
	}
	list, err := d.store.Devices.Of(ctx, caller(ctx).ID)
	out := &devicesOut{}
	out.Body.Key, out.Body.Devices = key.Public(), []device{}
	for _, one := range list {
		out.Body.Devices = append(out.Body.Devices, shownDevice(one))
	}
	return out, err
}

// pushKey is made the first time: before any device is kept, for callout only finds it.
func (d *door) pushKey(ctx context.Context) (*webpush.Key, error) {
	seed, err := d.secrets.Key(ctx, secret.PushKey)
	if err != nil {
		return nil, err
	}
	return webpush.NewKey(seed)
}

func (d *door) addDevice(ctx context.Context, in *deviceIn) (*deviceOut, error) {
	b := in.Body
	if err := (webpush.Target{Endpoint: b.Endpoint, P256dh: b.P256dh, Auth: b.Auth}).Check(); err != nil {
		return nil, err
	}
	name := strings.Join(strings.Fields(b.Name), " ")
	if name == "" {
		return nil, fault.New(fault.Invalid, "A device has a name.")
	}
	if _, err := d.pushKey(ctx); err != nil {
		return nil, err
	}
	one := store.Device{User: caller(ctx).ID, Name: name, Endpoint: b.Endpoint, P256dh: b.P256dh, Auth: b.Auth, At: d.now().UTC()}
	return &deviceOut{shownDevice(one)}, d.store.Devices.Keep(ctx, one)
}

func (d *door) deleteDevice(ctx context.Context, in *deviceOf) (*struct{}, error) {
	return nil, d.store.Devices.Forget(ctx, caller(ctx).ID, in.ID)
}
