package email

import (
	"slices"
	"testing"
)

// TestEncodedIDs: Python's email package writes ids too long for a line as encoded words.
func TestEncodedIDs(t *testing.T) {
	m := Parse([]byte("From: a@x.example\r\nMessage-ID: =?utf-8?q?=3Cown=40x=2Eexample=3E?=\r\n" +
		"In-Reply-To: =?utf-8?q?=3C010201a2053a0c8a-734dc176-5629-c6e6-8ed7-04cd881b7?=\r\n =?utf-8?q?17c-000000=40eu-west-1=2Eamazonses=2Ecom=3E?=\r\n" +
		"References: <one@x.example> =?utf-8?q?=3Cthe=2Elong=2E?=\r\n =?utf-8?q?one=40parley=2Eexample=3E?=\r\n\r\nx"))
	if m.MessageID != "own@x.example" || !slices.Equal(m.InReplyTo, []string{"010201a2053a0c8a-734dc176-5629-c6e6-8ed7-04cd881b717c-000000@eu-west-1.amazonses.com"}) ||
		!slices.Equal(m.References, []string{"one@x.example", "the.long.one@parley.example"}) {
		t.Errorf("%q %q %q", m.MessageID, m.InReplyTo, m.References)
	}
}
