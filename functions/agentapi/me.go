package agentapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	_ "image/gif" // what people upload
	_ "image/jpeg"
	"image/png"
	"net/url"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/image/draw"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/store"
)

type availableIn struct {
	Body struct {
		Available bool `json:"available" doc:"false: visitors are not told that you are there."`
	}
}

type profileIn struct {
	Body struct {
		Name    string  `json:"name" minLength:"1" maxLength:"80"`
		Meeting string  `json:"meeting,omitempty" maxLength:"500" doc:"https address where a meeting with you can be booked."`
		Picture *string `json:"picture,omitempty" doc:"base64 of a PNG, JPEG or GIF of at most 4 MiB; \"\" takes the picture away; absent leaves it."`
	}
}

func (d *door) registerMe() {
	huma.Register(d.api, op("PUT", "/api/me/availability", "setAvailability", "Turn your availability switch"), d.setAvailability)
	profile := op("PUT", "/api/me/profile", "putProfile", "Change what colleagues and visitors see of you")
	profile.MaxBodyBytes = limit.APIBodyBytes
	huma.Register(d.api, profile, d.putProfile)
}

func (d *door) setAvailability(ctx context.Context, in *availableIn) (*meOut, error) {
	u, err := d.store.Settings.SetAvailable(ctx, caller(ctx).ID, in.Body.Available)
	return &meOut{u}, err
}

func (d *door) putProfile(ctx context.Context, in *profileIn) (*meOut, error) {
	u := caller(ctx)
	name := strings.Join(strings.Fields(in.Body.Name), " ")
	if name == "" || strings.ContainsFunc(name, unicode.IsControl) {
		return nil, fault.New(fault.Invalid, "Your name needs letters.")
	}
	if m := in.Body.Meeting; m != "" {
		if link, err := url.Parse(m); err != nil || link.Scheme != "https" || link.Host == "" {
			return nil, fault.New(fault.Invalid, "The meeting link begins with https://.")
		}
	}
	avatar := u.Avatar
	if in.Body.Picture != nil {
		var err error
		if avatar, err = d.keepPicture(ctx, *in.Body.Picture); err != nil {
			return nil, err
		}
	}
	u, err := d.store.Settings.SetProfile(ctx, u.ID, name, avatar, in.Body.Meeting)
	return &meOut{u}, err
}

// Sides of a picture in pixels: as it is kept, and the longest that is read at all.
const (
	faceSide    = 192
	pictureSide = 8000
)

// keepPicture makes a square PNG of what was uploaded, so that nothing of the file itself is ever served, and returns its key.
func (d *door) keepPicture(ctx context.Context, encoded string) (string, error) {
	if encoded == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) > limit.PictureBytes {
		return "", fault.New(fault.Invalid, "The picture has at most %d MB.", limit.PictureBytes>>20)
	}
	conf, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || conf.Width < 1 || conf.Height < 1 || conf.Width > pictureSide || conf.Height > pictureSide || conf.Width*conf.Height > 25_000_000 {
		return "", fault.New(fault.Invalid, "This is no PNG, JPEG or GIF picture of at most 25 million pixels.")
	}
	src, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return "", fault.New(fault.Invalid, "This picture is damaged.")
	}
	face := image.NewNRGBA(image.Rect(0, 0, faceSide, faceSide))
	draw.CatmullRom.Scale(face, face.Bounds(), src, middle(src.Bounds()), draw.Src, nil)
	var out bytes.Buffer
	if err := png.Encode(&out, face); err != nil {
		return "", err
	}
	key := store.FaceKey(derive("face", out.String()))
	return key, d.files.Put(ctx, key, "image/png", out.Bytes())
}

// middle is the largest square in the middle of a picture.
func middle(r image.Rectangle) image.Rectangle {
	side := min(r.Dx(), r.Dy())
	at := image.Pt(r.Min.X+(r.Dx()-side)/2, r.Min.Y+(r.Dy()-side)/2)
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}
}
