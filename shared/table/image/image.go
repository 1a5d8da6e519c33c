// Package image is the codec between an item and a DynamoDB item image: {"pk":{"S":"…"},"rev":{"N":"1"},"text":{"S":"…"}}.
//
// Owns: which attribute is which part of an item, in stream records and on DynamoDB itself.
// Never: the AWS SDK, aws-lambda-go: it reads and writes the JSON directly, so that functions can decode what a stream brings
// and the local runner can build the same records at little cost.
// Imported by: functions that read streams, host, infra/local, table/dynamo (attribute names).
//
// Attributes: pk, sk (S), rev (N), ttl (N, Unix seconds; DynamoDB's TTL attribute), <index>_pk and <index>_sk (S); every other
// attribute is a top-level member of the document. Documents need S, N, BOOL, NULL, L and M; sets and binaries are never written.
package image

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/shared/table"
)

// Names of the item's own attributes (table.Reserved names the same).
const (
	PK, SK, Rev, TTL = "pk", "sk", "rev", "ttl"
	PKSuffix         = "_pk"
	SKSuffix         = "_sk"
)

// depth bounds an image: each level of a document takes two, {"M":{…}}.
const depth = 2*table.DocDepth + 4

// Append appends the image of an item. The document must be one that table.Check accepts.
func Append(dst []byte, it *table.Item) []byte {
	dst = appendKey(append(dst, '{'), it.Key)
	dst = append(dst, `,"rev":{"N":"`...)
	dst = strconv.AppendInt(dst, it.Rev, 10)
	dst = append(dst, `"}`...)
	if !it.Expires.IsZero() {
		dst = append(dst, `,"ttl":{"N":"`...)
		dst = strconv.AppendInt(dst, it.Expires.Unix(), 10)
		dst = append(dst, `"}`...)
	}
	for x, k := range it.Index {
		dst = appendText(append(dst, ','), x+PKSuffix, k.PK)
		dst = appendText(append(dst, ','), x+SKSuffix, k.SK)
	}
	_ = table.Walk(it.Doc, func(name, value []byte) error { // cannot fail: the store has checked it
		dst = append(append(append(dst, ','), name...), ':')
		dst = appendValue(dst, value)
		return nil
	})
	return append(dst, '}')
}

// AppendKey appends the Keys member of a stream record.
func AppendKey(dst []byte, k table.Key) []byte {
	return append(appendKey(append(dst, '{'), k), '}')
}

func appendKey(dst []byte, k table.Key) []byte {
	return appendText(append(appendText(dst, PK, k.PK), ','), SK, k.SK)
}

func appendText(dst []byte, name, value string) []byte {
	dst = table.AppendQuoted(dst, name)
	dst = append(dst, `:{"S":`...)
	dst = table.AppendQuoted(dst, value)
	return append(dst, '}')
}

func appendValue(dst, v []byte) []byte {
	switch v[0] {
	case '"':
		dst = append(append(dst, `{"S":`...), v...)
	case 't', 'f':
		dst = append(append(dst, `{"BOOL":`...), v...)
	case 'n':
		dst = append(dst, `{"NULL":true`...)
	case '{', '[':
		open, end := `{"M":{`, byte('}')
		if v[0] == '[' {
			open, end = `{"L":[`, ']'
		}
		dst = append(dst, open...)
		first := len(dst)
		_ = table.Walk(v, func(name, value []byte) error {
			if len(dst) > first {
				dst = append(dst, ',')
			}
			if name != nil {
				dst = append(append(dst, name...), ':')
			}
			dst = appendValue(dst, value)
			return nil
		})
		dst = append(dst, end)
	default:
		dst = append(append(append(dst, `{"N":"`...), v...), '"')
	}
	return append(dst, '}')
}

// Decode reads an image: NewImage or OldImage of a stream record. An image without keys, or with a set or a binary, is an error:
// this product never wrote it. An absent image (no bytes, or null) is nil.
func Decode(raw json.RawMessage) (*table.Item, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	it := &table.Item{}
	doc := make([]byte, 1, len(raw))
	doc[0] = '{'
	err := table.WalkTo(raw, depth, func(name, value []byte) error {
		n := table.Unquote(name)
		if table.Reserved(n) {
			return own(it, n, value)
		}
		if len(doc) > 1 {
			doc = append(doc, ',')
		}
		doc = append(append(doc, name...), ':')
		var err error
		doc, err = plain(doc, value)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("image: %w", err)
	}
	if table.CheckKeys(it.Key) != nil {
		return nil, errors.New("image: no keys")
	}
	it.Doc = append(doc, '}')
	return it, nil
}

// Texts reads attributes of an image and leaves the rest alone: the text of a string, the digits of a number, "" for what is not there or is
// of another type. An absent image has none.
func Texts(raw json.RawMessage, names ...string) ([]string, error) {
	out := make([]string, len(names))
	if len(raw) == 0 || string(raw) == "null" {
		return out, nil
	}
	err := table.WalkTo(raw, depth, func(name, value []byte) error {
		if name == nil {
			return errors.New("image: not an object")
		}
		i := slices.Index(names, string(name[1:len(name)-1]))
		if i < 0 {
			return nil
		}
		kind, v, err := typed(value)
		if err == nil && (kind == "S" || kind == "N") && v[0] == '"' {
			out[i] = table.Unquote(v)
		}
		return err
	})
	return out, err
}

// own reads one of the item's own attributes.
func own(it *table.Item, name string, value []byte) error {
	kind, v, err := typed(value)
	if err != nil {
		return err
	}
	want := "S"
	if name == Rev || name == TTL {
		want = "N"
	}
	if kind != want || v[0] != '"' {
		return fmt.Errorf("attribute %s has type %s", name, kind)
	}
	text := table.Unquote(v)
	switch name {
	case PK:
		it.PK = text
	case SK:
		it.SK = text
	case Rev:
		it.Rev, err = strconv.ParseInt(text, 10, 64)
	case TTL:
		var n int64
		n, err = strconv.ParseInt(text, 10, 64)
		it.Expires = time.Unix(n, 0).UTC()
	default:
		SetIndex(it, name, text)
	}
	return err
}

// SetIndex sets the half of an index entry that the attribute name stands for.
func SetIndex(it *table.Item, name, text string) {
	if it.Index == nil {
		it.Index = map[string]table.IndexKey{}
	}
	x := strings.TrimSuffix(name, PKSuffix)
	if x != name {
		k := it.Index[x]
		k.PK = text
		it.Index[x] = k
		return
	}
	x = strings.TrimSuffix(name, SKSuffix)
	k := it.Index[x]
	k.SK = text
	it.Index[x] = k
}

// typed takes {"S":"…"} apart.
func typed(value []byte) (kind string, v []byte, err error) {
	n := 0
	err = table.WalkTo(value, depth, func(name, inner []byte) error {
		if n++; name == nil {
			return errors.New("an attribute value is not an object")
		}
		kind, v = table.Unquote(name), inner
		return nil
	})
	if err == nil && n != 1 {
		err = errors.New("an attribute value does not have one type")
	}
	return kind, v, err
}

// plain appends the JSON that an attribute value stands for.
func plain(dst, value []byte) ([]byte, error) {
	kind, v, err := typed(value)
	if err != nil {
		return nil, err
	}
	switch {
	case kind == "S" && v[0] == '"', kind == "BOOL" && (v[0] == 't' || v[0] == 'f'):
		return append(dst, v...), nil
	case kind == "NULL":
		return append(dst, "null"...), nil
	case kind == "N" && v[0] == '"':
		if n := v[1 : len(v)-1]; json.Valid(n) && (n[0] == '-' || n[0] >= '0' && n[0] <= '9') {
			return append(dst, n...), nil
		}
	case kind == "M" && v[0] == '{', kind == "L" && v[0] == '[':
		return plainAll(dst, v)
	}
	return nil, fmt.Errorf("an attribute value of type %q cannot be read", kind)
}

func plainAll(dst, v []byte) ([]byte, error) {
	dst = append(dst, v[0])
	first := len(dst)
	err := table.WalkTo(v, depth, func(name, value []byte) error {
		if len(dst) > first {
			dst = append(dst, ',')
		}
		if name != nil {
			dst = append(append(dst, name...), ':')
		}
		var err error
		dst, err = plain(dst, value)
		return err
	})
	if err != nil {
		return nil, err
	}
	return append(dst, v[len(v)-1]), nil
}
