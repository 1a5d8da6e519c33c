package email

import (
	"strconv"
	"strings"
)

// mediaType is a Content-Type or Content-Disposition. name and the keys of params are lower case.
type mediaType struct {
	name   string
	params map[string]string
}

// maxParams bounds the parameters of one field; real ones have three.
const maxParams = 64

// parseMediaType reads a field value as people write them: with missing semicolons, stray quotes and RFC 2231 pieces. It
// falls back to def if there is no type.
func parseMediaType(value, def string) mediaType {
	head, rest, _ := strings.Cut(value, ";")
	head = strings.TrimSpace(head)
	if i := strings.IndexAny(head, " \t"); i >= 0 { // "text/html charset=utf-8", "multipart /mixed"
		joined := strings.ReplaceAll(head, " /", "/")
		joined = strings.ReplaceAll(joined, "/ ", "/")
		if i = strings.IndexAny(joined, " \t"); i >= 0 {
			rest = joined[i:] + ";" + rest
			joined = joined[:i]
		}
		head = joined
	}
	name := strings.ToLower(strings.Trim(head, `"'<>,`))
	if name == "text" {
		name = "text/plain"
	}
	if def != "" && (!strings.Contains(name, "/") || strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/")) {
		name = def
	}
	return mediaType{name: name, params: parseParams(rest)}
}

// parseParams reads "; key=value" pairs, the first of equal keys, and joins what RFC 2231 splits and encodes.
func parseParams(s string) map[string]string {
	out := map[string]string{}
	pieces := map[string]map[int]string{}
	for n := 0; s != "" && n < maxParams; n++ {
		s = strings.TrimLeft(s, "; \t")
		var key, value string
		key, value, s = cutParam(s)
		if key == "" {
			continue
		}
		base, index, encoded := splitKey(key)
		if index < 0 && !encoded {
			if _, dup := out[base]; !dup {
				out[base] = value
			}
			continue
		}
		if pieces[base] == nil {
			pieces[base] = map[int]string{}
		}
		if encoded {
			value = "%" + value // marks it as percent-encoded until it is joined
		} else {
			value = "=" + value
		}
		if _, dup := pieces[base][max(index, 0)]; !dup {
			pieces[base][max(index, 0)] = value
		}
	}
	for base, p := range pieces {
		out[base] = joinPieces(p)
	}
	return out
}

// cutParam reads one key=value. A quoted value may hold escaped quotes; a missing end quote ends at the next semicolon.
func cutParam(s string) (key, value, rest string) {
	i := strings.IndexAny(s, "=;")
	if i < 0 || s[i] == ';' {
		if i < 0 {
			return "", "", ""
		}
		return "", "", s[i+1:]
	}
	key = strings.ToLower(strings.TrimSpace(s[:i]))
	s = strings.TrimLeft(s[i+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		i = strings.IndexByte(s, ';')
		if i < 0 {
			i = len(s)
		}
		value = strings.TrimSpace(s[:i])
		// "charset=utf-8 format=flowed": the semicolon is missing.
		if j := strings.IndexAny(value, " \t"); j >= 0 && strings.ContainsRune(value[j:], '=') && key != "name" && key != "filename" {
			return key, value[:j], value[j:] + s[i:]
		}
		return key, strings.Trim(value, `"'`), s[i:]
	}
	var b strings.Builder
	for i = 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return key, b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	value, rest, _ = strings.Cut(s[1:], ";")
	return key, strings.TrimSpace(value), rest
}

// splitKey takes "filename*1*" apart: base, index (-1 without), whether the value is percent-encoded (RFC 2231 §3, §4).
func splitKey(key string) (base string, index int, encoded bool) {
	key, encoded = strings.CutSuffix(key, "*")
	base, n, found := strings.Cut(key, "*")
	if !found {
		return key, -1, encoded
	}
	i, err := strconv.Atoi(n)
	if err != nil || i < 0 || i >= maxParams {
		return key, -1, encoded
	}
	return base, i, encoded
}

// joinPieces joins the numbered pieces of one parameter and decodes them as the first one says.
func joinPieces(pieces map[int]string) string {
	var raw []byte
	charset := ""
	for i := 0; i < maxParams; i++ {
		v, ok := pieces[i]
		if !ok {
			if i == 0 {
				continue // some start at 1
			}
			break
		}
		encoded := v[0] == '%'
		v = v[1:]
		if encoded {
			if cs, rest, ok := strings.Cut(v, "'"); ok && raw == nil {
				if _, text, ok := strings.Cut(rest, "'"); ok {
					charset, v = cs, text
				}
			}
			raw = append(raw, percentDecode(v)...)
			continue
		}
		raw = append(raw, v...)
	}
	s, _ := decodeCharset(charset, raw)
	return s
}

// percentDecode decodes %XX and leaves everything else as it is.
func percentDecode(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

// unhex returns the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
