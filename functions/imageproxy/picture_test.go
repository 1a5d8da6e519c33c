package imageproxy

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/limit"
)

// decode reads base64 that stands in the source.
func decode(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func drawn(w, h int) *image.Paletted {
	return image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White})
}

func encoded(kind string, w, h int) []byte {
	var b bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&b, drawn(w, h))
	case "jpeg":
		err = jpeg.Encode(&b, drawn(w, h), nil)
	case "gif":
		err = gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{drawn(w, h), drawn(w, h)}, Delay: []int{1, 1}})
	}
	if err != nil {
		panic(err)
	}
	return b.Bytes()
}

func little(n, size int) string {
	b := make([]byte, 8)
	binary.LittleEndian.PutUint64(b, uint64(n))
	return string(b[:size])
}

func big(n, size int) string {
	b := make([]byte, 8)
	binary.BigEndian.PutUint64(b, uint64(n))
	return string(b[8-size:])
}

func box(kind, content string) string { return big(8+len(content), 4) + kind + content }

func webp(kind string, w, h int) []byte {
	switch kind {
	case "VP8X":
		return []byte("RIFF____WEBPVP8X" + little(10, 4) + "\x00\x00\x00\x00" + little(w-1, 3) + little(h-1, 3))
	case "VP8L":
		return []byte("RIFF____WEBPVP8L" + little(20, 4) + "\x2f" + little(w-1|(h-1)<<14, 4) + strings.Repeat("x", 10))
	}
	return []byte("RIFF____WEBPVP8 " + little(20, 4) + "\x00\x00\x00\x9d\x01\x2a" + little(w, 2) + little(h, 2))
}

func avif(brands string, sizes ...[2]int) []byte {
	ispe := ""
	for _, s := range sizes {
		ispe += box("ispe", "\x00\x00\x00\x00"+big(s[0], 4)+big(s[1], 4)) + box("pixi", "\x00\x00\x00\x00\x03\x08\x08\x08")
	}
	return []byte(box("ftyp", brands) + box("meta", "\x00\x00\x00\x00"+box("hdlr", "\x00\x00\x00\x00")+box("iprp", box("ipco", ispe)+box("ipma", ""))) + box("mdat", "xx"))
}

func bmp(w, h int) string {
	return "BM" + strings.Repeat("\x00", 12) + little(40, 4) + little(w, 4) + little(h, 4) + strings.Repeat("\x00", 24)
}

func ico(parts ...string) []byte {
	head, content := "\x00\x00\x01\x00"+little(len(parts), 2), ""
	for _, p := range parts {
		head += strings.Repeat("\x00", 8) + little(len(p), 4) + little(6+16*len(parts)+len(content), 4)
		content += p
	}
	return []byte(head + content)
}

func patched(b []byte, i int, s string) []byte {
	b = bytes.Clone(b)
	copy(b[i:], s)
	return b
}

// Real files of the smallest kind, as browsers take them.
var (
	lossy    = decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	lossless = decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	twoByTwo = decode("AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADybWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAADnBpdG0AAAAAAAEAAAAeaWxvYwAAAABEAAABAAEAAAABAAABGgAAAB0AAAAoaWluZgAAAAAAAQAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAAamlwcnAAAABLaXBjbwAAABRpc3BlAAAAAAAAAAIAAAACAAAAEHBpeGkAAAAAAwgICAAAAAxhdjFDgQ0MAAAAABNjb2xybmNseAACAAIAAYAAAAAXaXBtYQAAAAAAAAABAAEEAQKDBAAAACVtZGF0EgAKCBgANogQEAwgMg8f8D///8WfhwB8+ErK42A=")
)

func TestWhatIsShown(t *testing.T) {
	for kind, list := range map[string][][]byte{
		"image/png":    {encoded("png", 2, 1), encoded("png", 1, 2), encoded("png", 600, 400), append(encoded("png", 3, 3), "<script>alert(1)</script>"...)},
		"image/jpeg":   {encoded("jpeg", 2, 2), encoded("jpeg", 600, 400)},
		"image/gif":    {encoded("gif", 2, 2), encoded("gif", 600, 400)},
		"image/webp":   {webp("VP8 ", 600, 400), webp("VP8L", 600, 400), webp("VP8X", 600, 400)},
		"image/avif":   {twoByTwo, avif("avif\x00\x00\x00\x00avif", [2]int{600, 400}), avif("mif1\x00\x00\x00\x00miafavif", [2]int{64, 64}, [2]int{600, 400}), avif("avis\x00\x00\x00\x00", [2]int{8, 8})},
		"image/bmp":    {[]byte(bmp(600, 400)), []byte(bmp(600, -400)), []byte("BM" + strings.Repeat("\x00", 12) + little(12, 4) + little(9, 2) + little(9, 2) + "\x01\x00\x18\x00")},
		"image/x-icon": {ico(bmp(16, 32)[14:]), ico(bmp(16, 32)[14:], string(encoded("png", 256, 256)))},
	} {
		for i, b := range list {
			if p, err := examine(b); err != nil || p.kind != kind || !bytes.Equal(p.bytes, b) {
				t.Errorf("%s %d: %s %v", kind, i, p.kind, err)
			}
		}
	}
}

// What shows nothing is there to count those who look.
func TestPixels(t *testing.T) {
	if im, err := gif.Decode(bytes.NewReader(pixel.bytes)); err != nil || im.Bounds().Dx() != 1 || im.Bounds().Dy() != 1 {
		t.Fatalf("the pixel is none: %v", err)
	} else if _, _, _, alpha := im.At(0, 0).RGBA(); alpha != 0 {
		t.Error("the pixel can be seen")
	}
	for i, b := range [][]byte{
		encoded("png", 1, 1), encoded("jpeg", 1, 1), encoded("gif", 1, 1), lossy, lossless, webp("VP8X", 1, 1), avif("avif\x00\x00\x00\x00", [2]int{1, 1}), []byte(bmp(1, 1)), ico(bmp(1, 1)[14:]),
		patched(encoded("png", 9, 9), 16, big(0, 4)), patched(encoded("png", 9, 9), 20, big(0, 4)), []byte(bmp(9, 0)), []byte("GIF89a" + strings.Repeat("\x00", 10)),
	} {
		if p, err := examine(b); err != nil || !bytes.Equal(p.bytes, pixel.bytes) || p.kind != "image/gif" {
			t.Errorf("%d: %s, %d bytes, %v", i, p.kind, len(p.bytes), err)
		}
	}
}

func TestWhatIsNotShown(t *testing.T) {
	largeFrame := encoded("gif", 20, 20)
	frame := bytes.IndexByte(largeFrame, 0x2c)
	for name, b := range map[string][]byte{
		"nothing": nil, "one byte": {0xff}, "text": []byte("hello"), "HTML": []byte("<!doctype html><img src=x>"), "HTML that begins with BM": []byte("BM<script>alert(1)</script>"),
		"SVG": []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "SVG behind XML": []byte(`<?xml version="1.0"?><svg/>`), "SVG behind a mark": []byte("\xef\xbb\xbf<svg/>"),
		"packed SVG": []byte("\x1f\x8b\x08"), "PDF": []byte("%PDF-1.7"), "a program": []byte("MZ\x90\x00"), "HEIC": avif("heic\x00\x00\x00\x00mif1", [2]int{9, 9}), "TIFF": []byte("II*\x00"),
		"a film": []byte(box("ftyp", "isom\x00\x00\x02\x00isommp41")), "a brand as a version": avif("mif1avif", [2]int{9, 9}), "a sound": []byte("RIFF____WAVEfmt "), "a cursor": []byte("\x00\x00\x02\x00\x01\x00"),

		"half a PNG": encoded("png", 9, 9)[:20], "a PNG without a head": patched(encoded("png", 9, 9), 12, "JUNK"), "half a JPEG": encoded("jpeg", 9, 9)[:30], "a JPEG without a frame": []byte("\xff\xd8\xff\xda\x00\x08xxxxxxxxxxxx"),
		"a JPEG that goes in circles": []byte("\xff\xd8\xff\xe0\x00\x00" + strings.Repeat("x", 40)), "a JPEG of padding": []byte("\xff\xd8" + strings.Repeat("\xff", 1000)), "half a GIF": []byte("GIF89a\x09\x00"), "half a WebP": []byte("RIFF____WEBPVP8 "),
		"a WebP of another kind": []byte("RIFF____WEBPJUNK" + strings.Repeat("x", 40)), "an AVIF without a size": avif("avif\x00\x00\x00\x00"), "an AVIF with a hole": []byte(box("ftyp", "avif\x00\x00\x00\x00") + big(4_000_000, 4) + "meta"),
		"an ICO without pictures": ico(), "an ICO that points elsewhere": patched(ico(bmp(9, 9)[14:]), 18, little(9999, 4)), "an ICO of text": ico("hello"), "an ICO of many": []byte("\x00\x00\x01\x00\xff\xff"),

		"a PNG of gigabytes": patched(encoded("png", 9, 9), 16, big(50_000, 4)+big(50_000, 4)), "a PNG, very wide": patched(encoded("png", 9, 9), 16, big(1<<31, 4)+big(1, 4)),
		"a JPEG of gigabytes": patched(encoded("jpeg", 9, 9), bytes.Index(encoded("jpeg", 9, 9), []byte("\xff\xc0"))+5, "\xff\xff\xff\xff"), "a GIF of gigabytes": patched(encoded("gif", 9, 9), 6, "\xff\xff\xff\xff"),
		"a GIF with a large frame": patched(largeFrame, frame+5, "\xff\xff\xff\xff"), "a WebP of gigabytes": webp("VP8X", 1<<24, 1<<24), "another": webp("VP8L", 16384, 16384),
		"an AVIF with a large part": avif("avif\x00\x00\x00\x00", [2]int{9, 9}, [2]int{1 << 30, 1 << 30}), "a BMP of gigabytes": []byte(bmp(1<<30, 1<<30)), "a BMP of the least height": []byte(bmp(9, -1<<31)),
		"an ICO with a large part": ico(bmp(9, 9)[14:], string(patched(encoded("png", 9, 9), 16, big(60_000, 4)+big(60_000, 4)))),
	} {
		if p, err := examine(b); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %s, %v", name, p.kind, err)
		}
	}
}

func FuzzExamine(f *testing.F) {
	for _, b := range [][]byte{encoded("png", 9, 9), encoded("jpeg", 9, 9), encoded("gif", 9, 9), lossy, lossless, twoByTwo, webp("VP8X", 9, 9), []byte(bmp(9, 9)), ico(bmp(9, 9)[14:])} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		start := time.Now()
		p, err := examine(b)
		if took := time.Since(start); took > time.Second {
			t.Fatalf("%v for %d bytes", took, len(b))
		}
		if (err == nil) != (p.kind != "") || err == nil && !bytes.Equal(p.bytes, b) && !bytes.Equal(p.bytes, pixel.bytes) {
			t.Fatalf("%q %v", p.kind, err)
		}
		if err != nil || len(b) > 1<<16 {
			return
		}
		// What is shown has the size that Go's own readers see.
		if c, _, err := image.DecodeConfig(bytes.NewReader(b)); err == nil && bytes.Equal(p.bytes, b) && c.Width*c.Height > limit.ImagePixels {
			t.Fatalf("%s: %d × %d", p.kind, c.Width, c.Height)
		}
	})
}
