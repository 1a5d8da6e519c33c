package dynamo

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"parley/shared/fault"
	"parley/shared/table"
	"parley/shared/table/image"
)

type attrs = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func keyAttrs(k table.Key) attrs { return attrs{image.PK: text(k.PK), image.SK: text(k.SK)} }

// encode makes the native item of a checked Item (table.Check) at a revision.
func encode(it *table.Item, rev int64) (attrs, error) {
	out := keyAttrs(it.Key)
	out[image.Rev] = number(rev)
	if !it.Expires.IsZero() {
		out[image.TTL] = number(it.Expires.Unix())
	}
	for x, k := range it.Index {
		out[x+image.PKSuffix], out[x+image.SKSuffix] = text(k.PK), text(k.SK)
	}
	err := table.Walk(it.Doc, func(name, value []byte) error {
		v, err := native(value)
		out[table.Unquote(name)] = v
		return err
	})
	return out, err
}

// native makes the attribute value of a raw JSON value. Numbers keep their digits; DynamoDB holds 38 of them and refuses more.
func native(v []byte) (types.AttributeValue, error) {
	switch v[0] {
	case '"':
		return text(table.Unquote(v)), nil
	case 't', 'f':
		return &types.AttributeValueMemberBOOL{Value: v[0] == 't'}, nil
	case 'n':
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case '{':
		m := attrs{}
		err := table.Walk(v, func(name, value []byte) error {
			inner, err := native(value)
			m[table.Unquote(name)] = inner
			return err
		})
		return &types.AttributeValueMemberM{Value: m}, err
	case '[':
		l := []types.AttributeValue{}
		err := table.Walk(v, func(_, value []byte) error {
			inner, err := native(value)
			l = append(l, inner)
			return err
		})
		return &types.AttributeValueMemberL{Value: l}, err
	}
	return &types.AttributeValueMemberN{Value: string(v)}, nil
}

// decode reads a native item. Members of the document come in order of their names.
func decode(a attrs) (*table.Item, error) {
	it := &table.Item{}
	doc := []byte{'{'}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if table.Reserved(name) {
			if err := own(it, name, a[name]); err != nil {
				return nil, err
			}
			continue
		}
		if len(doc) > 1 {
			doc = append(doc, ',')
		}
		doc = append(table.AppendQuoted(doc, name), ':')
		var err error
		if doc, err = appendJSON(doc, a[name]); err != nil {
			return nil, fmt.Errorf("dynamo: attribute %s of %s %s: %w", name, it.PK, it.SK, err)
		}
	}
	it.Doc = append(doc, '}')
	return it, nil
}

func own(it *table.Item, name string, v types.AttributeValue) error {
	var err error
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		switch name {
		case image.PK:
			it.PK = v.Value
		case image.SK:
			it.SK = v.Value
		default:
			image.SetIndex(it, name, v.Value)
		}
	case *types.AttributeValueMemberN:
		var n int64
		if n, err = strconv.ParseInt(v.Value, 10, 64); name == image.Rev {
			it.Rev = n
		} else {
			it.Expires = time.Unix(n, 0).UTC()
		}
	default:
		err = fmt.Errorf("dynamo: attribute %s has type %T", name, v)
	}
	return err
}

func appendJSON(b []byte, v types.AttributeValue) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return table.AppendQuoted(b, v.Value), nil
	case *types.AttributeValueMemberN:
		if !json.Valid([]byte(v.Value)) {
			return nil, fmt.Errorf("number %q", v.Value)
		}
		return append(b, v.Value...), nil
	case *types.AttributeValueMemberBOOL:
		return strconv.AppendBool(b, v.Value), nil
	case *types.AttributeValueMemberNULL:
		return append(b, "null"...), nil
	case *types.AttributeValueMemberL:
		b = append(b, '[')
		for i, inner := range v.Value {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendJSON(b, inner); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case *types.AttributeValueMemberM:
		b = append(b, '{')
		for i, name := range slices.Sorted(maps.Keys(v.Value)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(table.AppendQuoted(b, name), ':')
			if b, err = appendJSON(b, v.Value[name]); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	}
	return nil, fault.New(fault.Invalid, "a value of type %T was not written by this product", v)
}
