package image_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	awsevents "github.com/aws/aws-lambda-go/events"
	"pgregory.net/rapid"

	"parley/shared/table"
	"parley/shared/table/image"
)

func anyValue(depth int) *rapid.Generator[any] {
	text := rapid.String().AsAny()
	number := rapid.Custom(func(t *rapid.T) any {
		return json.Number(rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,7})?(e[+-]?[1-9])?`).Draw(t, "n"))
	})
	plain := []*rapid.Generator[any]{text, number, rapid.Bool().AsAny(), rapid.Just[any](nil)}
	if depth > 0 {
		plain = append(plain, rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return anyValue(depth - 1) }), 0, 4).AsAny(),
			rapid.MapOfN(rapid.String(), rapid.Deferred(func() *rapid.Generator[any] { return anyValue(depth - 1) }), 0, 4).AsAny())
	}
	return rapid.OneOf(plain...)
}

func anyItem(t *rapid.T) *table.Item {
	filled := rapid.StringN(1, 20, -1)
	doc := rapid.MapOfN(rapid.String().Filter(func(s string) bool { return s != "" && !table.Reserved(s) }), anyValue(3), 0, 6).Draw(t, "doc")
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	it := &table.Item{Key: table.Key{PK: filled.Draw(t, "pk"), SK: filled.Draw(t, "sk")}, Rev: rapid.Int64Min(1).Draw(t, "rev"), Doc: raw}
	if rapid.Bool().Draw(t, "expires") {
		it.Expires = time.Unix(rapid.Int64Range(1, 1<<33).Draw(t, "ttl"), 0).UTC()
	}
	for _, x := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"views", "owners", "due"}), 0, 3, rapid.ID).Draw(t, "indexes") {
		if it.Index == nil {
			it.Index = map[string]table.IndexKey{}
		}
		it.Index[x] = table.IndexKey{PK: filled.Draw(t, "ipk"), SK: filled.Draw(t, "isk")}
	}
	return it
}

// An item comes back from its image byte for byte, and aws-lambda-go reads the image as we mean it.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		it := anyItem(t)
		raw := image.Append(nil, it)
		back, err := image.Decode(raw)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		if !reflect.DeepEqual(back, it) {
			t.Fatalf("image %s\n got %+v %s\nwant %+v %s", raw, back, back.Doc, it, it.Doc)
		}
		var theirs map[string]awsevents.DynamoDBAttributeValue
		if err := json.Unmarshal(raw, &theirs); err != nil {
			t.Fatalf("aws-lambda-go cannot read %s: %v", raw, err)
		}
		if theirs["pk"].String() != it.PK || theirs["rev"].Number() == "" {
			t.Fatalf("aws-lambda-go reads %v", theirs)
		}
		again, err := json.Marshal(theirs)
		if err != nil {
			t.Fatal(err)
		}
		other, err := image.Decode(again)
		if err != nil || canonical(other.Doc) != canonical(it.Doc) || !reflect.DeepEqual(other.Index, it.Index) {
			t.Fatalf("through aws-lambda-go: %v %s, want %s", err, other.Doc, it.Doc)
		}
	})
}

func TestTexts(t *testing.T) {
	raw := json.RawMessage(`{"pk":{"S":"T#1"},"a":{"S":"x\"\u00e9"},"n":{"N":"12"},"m":{"M":{"a":{"S":"no"}}},"b":{"BOOL":true}}`)
	got, err := image.Texts(raw, "n", "a", "none", "m", "b", "pk")
	if want := []string{"12", `x"é`, "", "", "", "T#1"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %q %v, want %q", got, err, want)
	}
	for _, bad := range []string{`7`, `[1]`, `{"a":1}`, `{"a":{"S":"x"}`, `{"a":{}}`} {
		if got, err := image.Texts(json.RawMessage(bad), "a"); err == nil {
			t.Errorf("%s was read as %q", bad, got)
		}
	}
}

func canonical(raw []byte) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return "bad"
	}
	out, _ := json.Marshal(v)
	return string(out)
}

func TestAppend(t *testing.T) {
	it := &table.Item{
		Key: table.Key{PK: "T#1", SK: "H"}, Rev: 3, Expires: time.Unix(9, 0), Index: map[string]table.IndexKey{"views": {PK: "v", SK: "1"}},
		Doc: json.RawMessage(` {"a":1.50, "b":[true,null,{"c":"d"}],"e":{},"f":[]}`[1:]),
	}
	want := `{"pk":{"S":"T#1"},"sk":{"S":"H"},"rev":{"N":"3"},"ttl":{"N":"9"},"views_pk":{"S":"v"},"views_sk":{"S":"1"},` +
		`"a":{"N":"1.50"},"b":{"L":[{"BOOL":true},{"NULL":true},{"M":{"c":{"S":"d"}}}]},"e":{"M":{}},"f":{"L":[]}}`
	if got := string(image.Append(nil, it)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(image.AppendKey(nil, it.Key)); got != `{"pk":{"S":"T#1"},"sk":{"S":"H"}}` {
		t.Error(got)
	}
}

// The deepest document the store takes has an image that can be read.
func TestDeep(t *testing.T) {
	n := table.DocDepth - 1
	doc := `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	it := &table.Item{Key: table.Key{PK: "a", SK: "b"}, Rev: 1, Doc: json.RawMessage(doc)}
	if err := table.Check([]table.Op{{Verb: table.Put, Item: *it}}); err != nil {
		t.Fatal(err)
	}
	if back, err := image.Decode(image.Append(nil, it)); err != nil || string(back.Doc) != doc {
		t.Fatalf("%v %v", back, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, raw := range []string{
		`{}`, `[]`, `{"pk":{"S":"a"}}`, `{"pk":{"N":"1"},"sk":{"S":"b"}}`, `{"pk":{"S":"a"},"sk":{"S":"b"},"x":{"SS":["a"]}}`,
		`{"pk":{"S":"a"},"sk":{"S":"b"},"x":{"B":"AA=="}}`, `{"pk":{"S":"a"},"sk":{"S":"b"},"x":{"N":"abc"}}`, `{"pk":{"S":"a"},"sk":{"S":"b"},"x":{"N":"true"}}`,
		`{"pk":{"S":"a"},"sk":{"S":"b"},"x":{"N":""}}`, `{"pk":{"S":"a"},"sk":{"S":"b"},"x":{}}`, `{"pk":{"S":"a"},"sk":{"S":"b"},"x":{"S":"a","N":"1"}}`,
		`{"pk":{"S":"a"},"sk":{"S":"b"},"rev":{"N":"x"}}`, `{"pk":{"S":"a"},"sk":{"S":"b"},"x":["S"]}`, `{"pk":{"S":"a"},"sk":{"S":"b"},"x":1}`,
	} {
		if it, err := image.Decode(json.RawMessage(raw)); err == nil {
			t.Errorf("%s was read as %+v", raw, it)
		}
	}
	for _, none := range []string{"", "null"} {
		if it, err := image.Decode(json.RawMessage(none)); it != nil || err != nil {
			t.Errorf("%q: %v %v", none, it, err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	it := &table.Item{Key: table.Key{PK: "T#1", SK: "H"}, Rev: 3, Doc: json.RawMessage(`{"text":"` + strings.Repeat("hello ", 80) + `","n":1,"by":{"kind":"agent","id":"u1"}}`)}
	var buf []byte
	for range b.N {
		buf = image.Append(buf[:0], it)
	}
}

func BenchmarkDecode(b *testing.B) {
	it := &table.Item{Key: table.Key{PK: "T#1", SK: "H"}, Rev: 3, Doc: json.RawMessage(`{"text":"` + strings.Repeat("hello ", 80) + `","n":1,"by":{"kind":"agent","id":"u1"}}`)}
	raw := image.Append(nil, it)
	for range b.N {
		if _, err := image.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}
