package flows

import (
	"bytes"
	"fmt"
	"mime"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFlowSwaksThreeTurns(t *testing.T)      { exchange(t, "swaks", withSwaks) }
func TestFlowPythonThreeTurns(t *testing.T)     { exchange(t, "python", withPython) }
func TestFlowNodemailerThreeTurns(t *testing.T) { exchange(t, "nodemailer", withNodemailer) }
func TestFlowNailThreeTurns(t *testing.T)       { exchange(t, "s-nail", withNail) }
func TestFlowMuttThreeTurns(t *testing.T)       { exchange(t, "mutt", withMutt) }

// exchange is a conversation of three turns: a customer writes with a colleague in Cc, the agent answers all of them, and one of the two answers
// all in turn; everybody brings a file each time. Both sides must end up with one thread.
func exchange(t *testing.T, name string, write func(*setup, written)) {
	s := flow(t)
	p := s.postman()
	bea, kim := s.at("bea"), s.at("kim")
	subject := s.about("Größere Vase, by " + name)
	said, files := []string{}, []string{}
	compose := func(turn int, w written) (taken, mail.Header) {
		t.Helper()
		w.Server, w.Name = p.address, map[string]string{bea: "Béa Müller", kim: "Kim"}[w.From]
		w.Text = fmt.Sprintf("This is mail %d, größer.", turn)
		content := bytes.Repeat([]byte(fmt.Sprintf("%s %d\x00\xff\r\n.\r\n", name, turn)), 3000)
		w.File = file(t, fmt.Sprintf("Maß-%d.bin", turn), content)
		said, files = append(said, w.Text), append(files, sum(content))
		write(s, w)
		return p.last(turn + 1)
	}
	first, h := compose(0, written{From: bea, To: []string{s.Address}, Cc: []string{kim}, Subject: subject})
	box := [][]byte{first.raw} // Bea's mailbox
	under := []string{""}      // what each mail in it answers
	ids := []string{h.Get("Message-ID")}
	id := s.bySubject(subject).ID
	for turn := 1; turn <= 3; turn++ {
		all := s.answering(id)
		both := append(emails(all.ReplyAll.To), emails(all.ReplyAll.Cc)...)
		if slices.Sort(both); !slices.Equal(both, []string{bea, kim}) {
			t.Fatalf("turn %d: to all is %+v", turn, all.ReplyAll)
		}
		pdf := bytes.Repeat([]byte(fmt.Sprint("%PDF", turn)), 5000)
		s.call("POST", "/threads/"+id+"/messages", map[string]any{
			"html": fmt.Sprintf("<p>Antwort <b>%d</b>, größer.</p>", turn), "to": all.ReplyAll.To, "cc": all.ReplyAll.Cc,
			"attachments": []map[string]any{{"upload": s.upload("Preise.pdf", "application/pdf", pdf), "name": "Preise für Béa.pdf"}},
		}, nil)
		m := s.sentTo(bea, turn)
		got := s.read(m)
		s.checkAnswer(turn, got, subject, ids, both)
		if last := got.Leaves[len(got.Leaves)-1]; last.Name != "Preise für Béa.pdf" || last.SHA256 != sum(pdf) || !strings.Contains(got.Leaves[0].Text, fmt.Sprintf("Antwort %d, größer.", turn)) {
			t.Errorf("turn %d: %+v", turn, got.Leaves)
		}
		box, under, ids = append(box, []byte(m.Raw)), append(under, ids[len(ids)-1]), append(ids, got.MessageID)

		who, other := bea, kim
		if turn == 2 {
			who, other = kim, bea
		}
		back, h := compose(turn, written{
			From: who, To: got.ReplyTo, Cc: []string{other}, Subject: "Re: " + subject, InReplyTo: got.MessageID,
			References: strings.Join(append(got.References, got.MessageID), " "), box: mbox(t, []byte(m.Raw)),
		})
		if !slices.Contains(back.to, other) || len(back.to) != 2 || decoded(h, "In-Reply-To") != got.MessageID || !strings.Contains(decoded(h, "References"), got.MessageID) {
			t.Fatalf("turn %d: the client's own answer goes to %v with %v", turn, back.to, h)
		}
		box, under, ids = append(box, back.raw), append(under, got.MessageID), append(ids, h.Get("Message-ID"))
		s.eventually(fmt.Sprintf("answer %d on its thread", turn), func() bool { return s.thread(id).Thread.Messages == int64(2*turn+1) })
	}
	s.checkOurSide(id, subject, []string{bea, bea, kim, bea}, said, files)
	s.checkTheirSide(written{Server: p.address, From: bea}, mbox(t, box...), ids, under)
}

// decoded is a field of ids. Python's email package, up to 3.12 at least, writes ids that are too long for a line as encoded words.
func decoded(h mail.Header, name string) string {
	text, err := new(mime.WordDecoder).DecodeHeader(h.Get(name))
	if err != nil {
		return h.Get(name)
	}
	return text
}

// checkAnswer looks at an answer of ours as a mail client reads it.
func (s *setup) checkAnswer(turn int, got seen, subject string, ids, both []string) {
	s.t.Helper()
	to := append(slices.Clone(got.To), got.Cc...)
	slices.Sort(to)
	if got.Subject != "Re: "+subject || !slices.Equal(to, both) || !slices.Equal(got.From, []string{s.Address}) || got.Shape != "mixed(alternative(text/plain,text/html),application/pdf)" || len(got.Defects) != 0 {
		s.t.Errorf("turn %d: %+v", turn, got)
	}
	if len(got.ReplyTo) != 1 || !strings.HasPrefix(got.ReplyTo[0], "c+") || !strings.HasSuffix(got.ReplyTo[0], s.ours("")) {
		s.t.Fatalf("turn %d: reply to %v", turn, got.ReplyTo)
	}
	if got.InReplyTo != ids[len(ids)-1] || !slices.Contains(got.References, ids[0]) || !slices.Contains(got.References, ids[len(ids)-1]) || slices.Contains(ids, got.MessageID) {
		s.t.Errorf("turn %d: %s answers %s by %v; it should be %s", turn, got.MessageID, got.InReplyTo, got.References, ids[len(ids)-1])
	}
}

// checkOurSide looks for one thread with everything on it in order.
func (s *setup) checkOurSide(id, subject string, by, said, files []string) {
	s.t.Helper()
	in := s.received(id)
	if len(in) != len(by) {
		s.t.Fatalf("%d messages came in, want %d", len(in), len(by))
	}
	for i, m := range in {
		if m.From.Email != by[i] || m.ThirdParty || !strings.Contains(m.Body.Text, said[i]) {
			s.t.Errorf("message %d is from %+v: %q", i, m.From, m.Body.Text)
		}
		if len(m.Attachments) != 1 || m.Attachments[0].Name != fmt.Sprintf("Maß-%d.bin", i) || m.Attachments[0].SHA256 != files[i] {
			s.t.Errorf("message %d brought %+v", i, m.Attachments)
		}
	}
	var order []string
	for i, e := range s.answering(id).Entries {
		if e.Seq != int64(i+1) {
			s.t.Errorf("entry %d has seq %d", i, e.Seq)
		}
		if e.Received != nil {
			order = append(order, "in")
		}
		if e.Sent != nil {
			order = append(order, "out")
		}
	}
	if want := "in out in out in out in"; strings.Join(order, " ") != want {
		s.t.Errorf("%v, want %s", order, want)
	}
	n := 0
	for _, th := range append(s.threads("open"), s.threads("filtered")...) {
		if strings.Contains(th.Subject, subject) {
			n++
		}
	}
	if n != 1 {
		s.t.Errorf("%d threads of this exchange", n)
	}
}

// checkTheirSide lets three programs sort a mailbox into threads: Python by Zawinski's rules, s-nail and mutt by their own.
func (s *setup) checkTheirSide(w written, box string, ids, under []string) {
	s.t.Helper()
	var tree []struct{ ID, Under string }
	s.python("thread", nil, &tree, box)
	if len(tree) != len(ids) {
		s.t.Fatalf("%d of %d mails", len(tree), len(ids))
	}
	for i, m := range tree {
		if m.ID != ids[i] || m.Under != under[i] {
			s.t.Errorf("mail %d, %s, stands under %q, want %q", i, m.ID, m.Under, under[i])
		}
	}
	list := string(s.tool([]byte("set v15-compat headline=\"%>|%i|\"\nsort thread\nheaders\nexit\n"), "s-nail", "-:/", "-#", "-R", "-f", box))
	roots := 0
	lines := strings.Split(strings.TrimSpace(list), "\n")
	for _, line := range lines {
		if _, rest, ok := strings.Cut(line, "|"); !ok || strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "|")) == "" {
			roots++
		}
	}
	if len(lines) != len(ids) || roots != 1 {
		s.t.Errorf("s-nail sees %d threads in %d mails:\n%s", roots, len(lines), list)
	}
	tagged := filepath.Join(s.t.TempDir(), "tagged")
	s.inMutt(w, box, "<first-entry><tag-thread><tag-prefix><copy-message>"+tagged+"<enter>")
	var all []struct{ ID string }
	s.python("thread", nil, &all, tagged)
	if len(all) != len(ids) {
		s.t.Errorf("mutt sees %d of %d mails in the thread of the first", len(all), len(ids))
	}
}
