package blob

import (
	"mime"
	"strings"

	"parley/shared/fault"
)

// maxKey is the longest key in bytes. S3 takes 1024; half leaves room for prefixes.
const maxKey = 512

// CheckKey refuses, as fault.Invalid, a key that the doc comment of Bucket rules out. Adapters call it first, so that they refuse alike.
func CheckKey(key string) error {
	bad := len(key) == 0 || len(key) > maxKey
	for _, part := range strings.Split(key, "/") {
		bad = bad || part == "" || part == "." || part == ".."
	}
	for i := 0; i < len(key) && !bad; i++ {
		c := key[i]
		bad = !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._/=-", c) >= 0)
	}
	if bad {
		return fault.New(fault.Invalid, "a bad object key")
	}
	return nil
}

// Attachment is the Content-Disposition (RFC 6266) that makes a browser download a file under name, whatever bytes name has.
func Attachment(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": strings.ToValidUTF8(name, "_")})
}
