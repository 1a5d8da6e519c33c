package ingest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/shared/inbox"
	"parley/shared/limit"
)

// spell makes mails of bytes: every byte chooses one thing of the next mail, so that the fuzzer meets every pair of rules. s is a thread with
// an answer of ours.
func spell(s *sent, data []byte) (mails []mail) {
	const most = 12 // mails
	next := func(n int) int {
		if len(data) == 0 {
			return 0
		}
		c := data[0]
		data = data[1:]
		return int(c) % n
	}
	pick := func(of ...string) string { return of[next(len(of))] }
	ids := []string{"", "a@x.example", "b@x.example", "c@x.example", "first@x.example", s.message, sesID + "@eu-west-1.amazonses.com"}
	for n := 0; len(data) > 0 && n < most; n++ {
		m := mail{id: fmt.Sprintf("m%d", n), from: pick("lena@atelier-novak.example", karl, "", "<>", "eve@denied.example", "not an address")}
		for range 1 + next(3) {
			m.to = append(m.to, pick("support@parley.example", "nobody@parley.example", "support+tag@parley.example", signer.ReplyAddress(s.thread),
				strings.Replace(signer.ReplyAddress(s.thread), "@", "0@", 1), "x@other.example", ""))
		}
		head := []string{
			"From: " + pick(lena, "Karl <"+karl+">", "Mara <mara@parley.example>", "MAILER-DAEMON (Mail)", "noreply@shop.example", "support@parley.example", "\xff\xfe", "Eve <eve@denied.example>"),
			"Subject: " + pick("Invoice", "Re: Invoice", "Fwd: Invoice", "Another matter", "", "Automatic reply: Invoice", "[#id] x"),
		}
		for _, field := range []string{"Message-ID", "In-Reply-To", "References"} {
			if id := ids[next(len(ids))]; id != "" {
				head = append(head, field+": <"+id+">")
			}
		}
		for _, more := range []string{
			"Auto-Submitted: auto-replied", "List-Id: <l.shop.example>", "Precedence: bulk", "X-Parley-Loop: " + s.message, "X-Parley-Loop: forged",
			"Reply-To: Customer <customer@y.example>", "X-Original-From: Karl <" + karl + ">", strings.Repeat("Received: from a by b\r\n", limit.MailReceivedHops) + "Received: x",
		} {
			if next(8) == 7 {
				head = append(head, more)
			}
		}
		body := pick("text", "> quoted\r\n\r\nanswer", "", "---------- Forwarded message ---------\r\nFrom: Zoe <zoe@z.example>\r\nSubject: s\r\n\r\nx")
		m.raw = lines(append(head, "", body)...)
		switch next(10) {
		case 7:
			m.raw = dsn("Message-ID: <"+pick(ids[1:]...)+">", fails(pick("lena@atelier-novak.example", karl, "who@else.example"), pick("failed", "delayed", "delivered", "odd"), pick("5.1.1", "4.2.2", "")))
		case 8:
			m.raw = string(data)
		}
		verdict := next(5)
		m.edit = func(receipt map[string]any) {
			for i, name := range []string{"spamVerdict", "virusVerdict", "dmarcVerdict"} {
				if verdict == i+1 {
					receipt[name] = map[string]any{"status": "FAIL"}
					receipt["dmarcPolicy"] = "reject"
				}
			}
		}
		mails = append(mails, m)
	}
	return mails
}

// rules are the ways in which a mail may have found its thread.
var rules = []string{"token", "in-reply-to", "references", "referenced", "new", "report"}

// FuzzDecide: whatever comes, in whatever order, is taken the first time, counted once and found again in one place, and says why; and brought
// again it changes nothing.
func FuzzDecide(f *testing.F) {
	f.Add([]byte("a letter, an answer and a bounce"))
	f.Add([]byte{0, 0, 0, 0, 0, 1, 2, 3, 7, 7, 7, 7, 7, 7, 7, 7, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add([]byte(strings.Repeat("\x03\x00\x03\x03\x01\x04\x05\x07\x07\x01\x07", 12)))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := answered(t)
		s.list(t, inbox.Deny, "denied.example")
		mails := spell(s, data)
		s.take(t, mails...)
		first := s.settled(t)
		s.take(t, mails...)
		if again := s.settled(t); again != first {
			t.Errorf("brought again:\n%s\n%s", first, again)
		}
	})
}

// settled checks that everything accepted has one place and a reason, and says what there is.
func (d *desk) settled(t *testing.T) string {
	t.Helper()
	l := d.ledger(t)
	if l.Underway != 0 || l.Accepted != l.Threaded+l.Filtered+l.Quarantined+l.Dropped {
		t.Errorf("the ledger says %+v", l)
	}
	waiting := len(d.rows(t, false))
	if int64(waiting) != l.Quarantined {
		t.Errorf("%d wait in quarantine, %d are counted", waiting, l.Quarantined)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%+v", l)
	shown := int64(0)
	for _, head := range d.all(t) {
		fmt.Fprintf(&out, "\n%s %s %s", head.ID, head.Status, head.Folder)
		for _, e := range d.entries(t, head.ID) {
			m := e.Received
			if m == nil {
				continue
			}
			shown++
			if m.Why == nil || !slices.Contains(rules, m.Why.Rule) || m.Why.Inputs["sender"] == "" {
				t.Errorf("%s: why %+v", m.Email.Raw, m.Why)
			}
			if m.Filter != nil && m.Filter.Why.Rule == "" {
				t.Errorf("%s is put aside without a reason", m.Email.Raw)
			}
			fmt.Fprintf(&out, " %s", m.Email.Raw)
		}
	}
	if shown > l.Threaded+l.Filtered {
		t.Errorf("%d messages, %+v", shown, l)
	}
	return out.String()
}
