package sigv4

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// trailerCRC is the one checksum the Go SDK puts behind a body unless it is told otherwise.
const trailerCRC = "x-amz-checksum-crc32"

// Unchunk reads an aws-chunked body (STREAMING-UNSIGNED-PAYLOAD-TRAILER) and checks its length and its checksum.
// Source: "Working with trailing checksums" and "Signature calculations … including trailing headers", S3 API reference.
func Unchunk(r *http.Request) ([]byte, error) {
	if !strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		return nil, refuse("InvalidRequest", "A body with a trailer is Content-Encoding aws-chunked")
	}
	if name := r.Header.Get("X-Amz-Trailer"); name != trailerCRC {
		return nil, refuse("InvalidRequest", "the rehearsal knows the trailer %s only, not %q", trailerCRC, name)
	}
	in := bufio.NewReader(r.Body)
	var body bytes.Buffer
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, refuse("IncompleteBody", "The request body terminated unexpectedly")
		}
		n, err := strconv.ParseUint(strings.TrimSpace(line), 16, 31)
		if err != nil {
			return nil, refuse("InvalidRequest", "bad chunk size")
		}
		if n == 0 {
			break
		}
		if _, err := io.CopyN(&body, in, int64(n)); err != nil {
			return nil, refuse("IncompleteBody", "The request body terminated unexpectedly")
		}
		if end, err := in.ReadString('\n'); err != nil || end != "\r\n" {
			return nil, refuse("InvalidRequest", "a chunk does not end where it said")
		}
	}
	if said := r.Header.Get("X-Amz-Decoded-Content-Length"); said != strconv.Itoa(body.Len()) {
		return nil, refuse("IncompleteBody", "The body has %d bytes, not %s", body.Len(), said)
	}
	trailer, _ := in.ReadString('\n')
	name, value, _ := strings.Cut(strings.TrimSpace(trailer), ":")
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body.Bytes()))
	if name != trailerCRC || strings.TrimSpace(value) != base64.StdEncoding.EncodeToString(sum) {
		return nil, refuse("BadDigest", "The CRC32 you specified did not match the calculated checksum.")
	}
	return body.Bytes(), nil
}
