package imageproxy

import (
	"bytes"
	"encoding/binary"

	"parley/shared/fault"
	"parley/shared/limit"
)

// accepts is what strangers are asked for.
const accepts = "image/avif,image/webp,image/png,image/jpeg,image/gif,image/*;q=0.5"

// picture is what may be shown.
type picture struct {
	kind  string // its media type
	bytes []byte
}

// pixel is a GIF of one transparent pixel.
var pixel = picture{"image/gif", []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")}

// size is how large a browser would make a picture: the largest of all there are in it. ok is false if it does not say.
type size struct {
	w, h uint64
	ok   bool
}

func (s *size) add(w, h uint64) { s.w, s.h, s.ok = max(s.w, w), max(s.h, h), true }

// kinds are the pictures there are: how they begin, and where they say their size. Source: each format's own specification.
var kinds = []struct {
	media  string
	begins func(b []byte) bool
	size   func(b []byte) size
}{
	{"image/png", isPNG, sizeOfPNG},
	{"image/jpeg", prefix("\xff\xd8\xff"), sizeOfJPEG},
	{"image/gif", func(b []byte) bool { return prefix("GIF87a")(b) || prefix("GIF89a")(b) }, sizeOfGIF},
	{"image/webp", func(b []byte) bool { return prefix("RIFF")(b) && at(b, 8, "WEBP") }, sizeOfWebP},
	{"image/avif", isAVIF, sizeOfAVIF},
	{"image/bmp", func(b []byte) bool { return prefix("BM")(b) && len(b) > 18 && le(b[14:18]) <= 124 }, sizeOfBMP},
	{"image/x-icon", prefix("\x00\x00\x01\x00"), sizeOfICO},
}

// examine says what picture bytes are, or why they are none that is shown.
func examine(b []byte) (picture, error) {
	for _, k := range kinds {
		if !k.begins(b) {
			continue
		}
		switch s := k.size(b); {
		case !s.ok:
			return picture{}, fault.New(fault.Invalid, "This picture is broken.")
		case s.w <= 1 && s.h <= 1 || s.w == 0 || s.h == 0:
			return pixel, nil
		case s.w > limit.ImagePixels || s.h > limit.ImagePixels || s.w*s.h > limit.ImagePixels:
			return picture{}, fault.New(fault.Invalid, "This picture is too large: %d × %d pixels.", s.w, s.h)
		}
		return picture{k.media, b}, nil
	}
	return picture{}, fault.New(fault.Invalid, "This is no picture.")
}

var isPNG = prefix("\x89PNG\r\n\x1a\n")

func prefix(s string) func([]byte) bool {
	return func(b []byte) bool { return bytes.HasPrefix(b, []byte(s)) }
}

func at(b []byte, i int, s string) bool { return len(b) >= i+len(s) && string(b[i:i+len(s)]) == s }

// be and le read numbers of up to eight bytes.
func be(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

func le(b []byte) (n uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	return n
}

func sizeOfPNG(b []byte) (s size) {
	if len(b) >= 33 && at(b, 12, "IHDR") {
		s.add(be(b[16:20]), be(b[20:24]))
	}
	return s
}

// sizeOfJPEG goes from marker to marker to the frame header.
func sizeOfJPEG(b []byte) (s size) {
	for i := 2; i+9 < len(b); {
		if b[i] != 0xff {
			return s
		}
		switch m := b[i+1]; {
		case m == 0xff: // padding
			i++
			continue
		case m == 0x01 || m >= 0xd0 && m <= 0xd8: // stands alone
			i += 2
			continue
		case m == 0xd9 || m == 0xda: // the end, or the picture itself
			return s
		case m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc:
			s.add(be(b[i+7:i+9]), be(b[i+5:i+7]))
			return s
		}
		length := int(be(b[i+2 : i+4]))
		if length < 2 {
			return s
		}
		i += 2 + length
	}
	return s
}

// sizeOfGIF looks at the screen and at every frame: one that is larger makes the screen larger.
func sizeOfGIF(b []byte) (s size) {
	if len(b) < 13 {
		return s
	}
	s.add(le(b[6:8]), le(b[8:10]))
	colours := func(flags byte) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	blocks := func(i int) int { // behind a run of sub-blocks
		for i < len(b) && b[i] != 0 {
			i += 1 + int(b[i])
		}
		return i + 1
	}
	for i := 13 + colours(b[10]); i < len(b); {
		switch {
		case b[i] == 0x21 && i+2 < len(b):
			i = blocks(i + 2)
		case b[i] == 0x2c && i+10 < len(b):
			s.add(le(b[i+1:i+3])+le(b[i+5:i+7]), le(b[i+3:i+5])+le(b[i+7:i+9]))
			i = blocks(i + 11 + colours(b[i+9]))
		default:
			return s
		}
	}
	return s
}

func sizeOfWebP(b []byte) (s size) {
	switch {
	case len(b) < 30:
	case at(b, 12, "VP8 ") && at(b, 23, "\x9d\x01\x2a"):
		s.add(le(b[26:28])&0x3fff, le(b[28:30])&0x3fff)
	case at(b, 12, "VP8L") && b[20] == 0x2f:
		bits := le(b[21:25])
		s.add(bits&0x3fff+1, bits>>14&0x3fff+1)
	case at(b, 12, "VP8X"):
		s.add(le(b[24:27])+1, le(b[27:30])+1)
	}
	return s
}

// isAVIF looks for its brand among those that the file says it can be read as.
func isAVIF(b []byte) (yes bool) {
	boxes(b[:min(len(b), 256)], func(kind string, brands []byte) {
		for i := 0; kind == "ftyp" && i+4 <= len(brands); i += 4 {
			yes = yes || i != 4 && (at(brands, i, "avif") || at(brands, i, "avis")) // the second word is a version
		}
	})
	return yes && at(b, 4, "ftyp")
}

// sizeOfAVIF takes the largest of all images in the file, the tiles and the whole they make.
func sizeOfAVIF(b []byte) (s size) {
	boxes(b, func(kind string, meta []byte) {
		if kind != "meta" || len(meta) < 4 {
			return
		}
		boxes(meta[4:], func(kind string, properties []byte) {
			if kind != "iprp" {
				return
			}
			boxes(properties, func(kind string, container []byte) {
				if kind != "ipco" {
					return
				}
				boxes(container, func(kind string, p []byte) {
					if kind == "ispe" && len(p) >= 12 {
						s.add(be(p[4:8]), be(p[8:12]))
					}
				})
			})
		})
	})
	return s
}

// boxes visits the boxes of ISO/IEC 14496-12 that follow each other in b.
func boxes(b []byte, visit func(kind string, content []byte)) {
	for len(b) >= 8 {
		length, head := be(b[:4]), uint64(8)
		switch {
		case length == 1 && len(b) >= 16:
			length, head = be(b[8:16]), 16
		case length == 0:
			length = uint64(len(b))
		}
		if length < head || length > uint64(len(b)) {
			return
		}
		visit(string(b[4:8]), b[head:length])
		b = b[length:]
	}
}

// sizeOfBMP reads the header behind the file's own of 14 bytes.
func sizeOfBMP(b []byte) size { return sizeOfBitmap(b[14:]) }

func sizeOfBitmap(b []byte) (s size) {
	switch {
	case len(b) < 12:
	case le(b[:4]) == 12:
		s.add(le(b[4:6]), le(b[6:8]))
	case le(b[:4]) >= 40:
		height := int32(binary.LittleEndian.Uint32(b[8:12]))
		s.add(le(b[4:8]), uint64(max(height, -height))) // a negative one is upside down
	}
	return s
}

// sizeOfICO looks at every picture in the list: a PNG, or a bitmap of twice the height for its mask.
func sizeOfICO(b []byte) (s size) {
	if len(b) < 6 {
		return s
	}
	for i := range int(le(b[4:6])) {
		entry := 6 + 16*i
		if len(b) < entry+16 {
			return size{}
		}
		from, length := le(b[entry+12:entry+16]), le(b[entry+8:entry+12])
		if from > uint64(len(b)) || length > uint64(len(b))-from {
			return size{}
		}
		one, part := size{}, b[from:from+length]
		if isPNG(part) {
			one = sizeOfPNG(part)
		} else {
			one = sizeOfBitmap(part)
		}
		if !one.ok {
			return one
		}
		s.add(one.w, one.h)
	}
	return s
}
