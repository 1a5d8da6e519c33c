package email_test

import (
	"strings"
	"testing"

	"parley/shared/email"
)

// BenchmarkParse reads every mail of the corpora in turn; one operation is one mail.
func BenchmarkParse(b *testing.B) {
	mails := corpus(b)
	var all [][]byte
	size := 0
	for _, raw := range mails {
		all = append(all, raw)
		size += len(raw)
	}
	b.SetBytes(int64(size / len(all)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		email.Parse(all[n%len(all)])
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mails/s")
}

// BenchmarkParseSmall reads one typical small mail: two paragraphs as text and HTML, a quote, ten header fields.
func BenchmarkParseSmall(b *testing.B) {
	o := outgoing()
	o.Text = "Hello,\n\nthe parcel has not come yet. Could you have a look?\n\nThanks, Ann\n\nOn Monday you wrote:\n> It is on its way.\n"
	o.HTML = `<div dir="ltr"><p>Hello,</p><p>the parcel has not come yet. Could you have a look?</p><p style="margin: 0; color: #333">Thanks, <b>Ann</b></p>` +
		`<div class="gmail_quote">On Monday you wrote:<blockquote style="margin: 0 0 0 .8ex; border-left: 1px solid #ccc; padding-left: 1ex">It is on its way.</blockquote></div></div>`
	raw, err := email.Compose(o)
	if err != nil {
		b.Fatal(err)
	}
	raw = append([]byte(strings.Repeat("Received: from a.example by b.example; Mon, 2 Jan 2006 15:04:05 -0700\r\n", 5)), raw...)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		email.Parse(raw)
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mails/s")
}
