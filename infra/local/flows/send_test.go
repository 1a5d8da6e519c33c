package flows

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/smtp"
	"slices"
	"strings"
	"testing"
	"time"
)

type address struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email"`
}

func to(emails ...string) (out []address) {
	for _, e := range emails {
		out = append(out, address{Email: e})
	}
	return out
}

func emails(list []address) (out []string) {
	for _, a := range list {
		out = append(out, a.Email)
	}
	slices.Sort(out)
	return out
}

// answered is what a thread says of answering it.
type answered struct {
	Participants []address
	ReplyTo      []address
	ReplyAll     struct{ To, Cc []address }
	Drafts       []string
	Thread       struct {
		summary
		Undelivered int64
	}
	Entries []struct {
		Seq      int64
		Type     string
		Received *struct {
			ThirdParty bool
			From       address
		}
		Sent     *struct{ Message string }
		Delivery *delivery
	}
}

type delivery struct {
	State, Code string
	HeldUntil   time.Time
	Recipients  []struct{ Address, State, Code, Reason string }
}

func (s *setup) answering(id string) (a answered) {
	s.t.Helper()
	s.call("GET", "/threads/"+id, nil, &a)
	return a
}

// upload brings a file as a browser does: asks the API, and puts it where that says.
func (s *setup) upload(name, kind string, content []byte) string {
	s.t.Helper()
	var up struct {
		ID, Method, URL string
		Headers         map[string]string
	}
	s.call("POST", "/uploads", map[string]any{"name": name, "type": kind, "size": len(content)}, &up)
	r, err := http.NewRequest(up.Method, up.URL, bytes.NewReader(content))
	if err != nil {
		s.t.Fatal(err)
	}
	for k, v := range up.Headers {
		r.Header.Set(k, v)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	if body, _ := io.ReadAll(a.Body); a.StatusCode != http.StatusOK {
		s.t.Fatalf("upload of %s: %d %s", name, a.StatusCode, body)
	}
	return up.ID
}

// part is a leaf of a mail.
type part struct {
	kind, disposition, name, id string
	content                     []byte
}

// parts takes a mail apart with the standard library alone.
func (m sent) parts(t testing.TB) (shape string, leaves []part) {
	t.Helper()
	msg, err := mail.ReadMessage(strings.NewReader(m.Raw))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(get func(string) string, body io.Reader) string
	walk = func(get func(string) string, body io.Reader) string {
		kind, params, err := mime.ParseMediaType(get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(kind, "multipart/") {
			var inner []string
			for r := multipart.NewReader(body, params["boundary"]); ; {
				p, err := r.NextRawPart()
				if err == io.EOF {
					return strings.TrimPrefix(kind, "multipart/") + "(" + strings.Join(inner, ",") + ")"
				}
				if err != nil {
					t.Fatal(err)
				}
				inner = append(inner, walk(p.Header.Get, p))
			}
		}
		switch get("Content-Transfer-Encoding") {
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		disposition, dp, _ := mime.ParseMediaType(get("Content-Disposition"))
		leaves = append(leaves, part{kind, disposition, dp["filename"], strings.Trim(get("Content-ID"), "<>"), content})
		return kind
	}
	return walk(msg.Header.Get, msg.Body), leaves
}

func list(t testing.TB, h mail.Header, name string) (out []string) {
	t.Helper()
	if h.Get(name) == "" {
		return nil
	}
	all, err := h.AddressList(name)
	if err != nil {
		t.Fatal(name, err)
	}
	for _, a := range all {
		out = append(out, strings.ToLower(a.Address))
	}
	slices.Sort(out)
	return out
}

// Three turns between an agent and two people, everybody answered each time, with files, an image in the text and a blind copy.
func TestFlowThreeTurnsToAll(t *testing.T) {
	s := flow(t)
	ann, carl, boss := s.at("ann"), s.at("carl"), s.at("boss")
	deliver := func(from, to, id, more, text string) {
		s.t.Helper()
		data := letter(from, s.about("Two of us"), id, more, text)
		data = strings.Replace(data, "To: support@parley.localhost\n", "To: "+to+"\nCc: "+map[string]string{ann: carl, carl: ann}[from]+"\n", 1)
		if err := smtp.SendMail(s.SMTP, nil, from, []string{to}, []byte(strings.ReplaceAll(data, "\n", "\r\n"))); err != nil {
			t.Fatal(err)
		}
	}
	deliver(ann, s.Address, s.id("ann", 1), "", "Carl and I have a question.")
	id := s.bySubject(s.about("Two of us")).ID
	last := s.id("ann", 1)
	for turn := 1; turn <= 3; turn++ {
		all := s.answering(id)
		both := append(emails(all.ReplyAll.To), emails(all.ReplyAll.Cc)...)
		if slices.Sort(both); !slices.Equal(both, []string{ann, carl}) {
			t.Fatalf("turn %d: to all is %+v", turn, all.ReplyAll)
		}
		png, pdf := []byte(fmt.Sprint("\x89PNG", turn)), bytes.Repeat([]byte(fmt.Sprint("%PDF", turn)), 1000)
		image, file := s.upload("chart.png", "image/png", png), s.upload("Größe.pdf", "application/pdf", pdf)
		s.call("POST", "/threads/"+id+"/messages", map[string]any{
			"html": fmt.Sprintf(`<p>Answer <b>%d</b>:</p><ul><li>one</li></ul><p><img src="cid:%s" alt="chart"></p>`, turn, image),
			"to":   all.ReplyAll.To, "cc": all.ReplyAll.Cc, "bcc": to(boss),
			"attachments": []map[string]any{{"upload": image, "name": "chart.png"}, {"upload": file, "name": "Größe.pdf"}},
		}, nil)
		m := s.sentTo(boss, turn)
		h := m.header(t)
		if !slices.Contains(m.To, ann) || !slices.Contains(m.To, carl) || len(m.To) != 3 || strings.Contains(m.Raw, boss) {
			t.Errorf("turn %d: envelope %v, or the blind copy can be seen", turn, m.To)
		}
		if got := append(list(t, h, "To"), list(t, h, "Cc")...); len(got) != 2 || slices.Contains(got, boss) {
			t.Errorf("turn %d: to and cc %v", turn, got)
		}
		shape, leaves := m.parts(t)
		if shape != "mixed(related(alternative(text/plain,text/html),image/png),application/pdf)" {
			t.Fatalf("turn %d: %s", turn, shape)
		}
		if text := string(leaves[0].content); !strings.Contains(text, fmt.Sprintf("Answer %d:", turn)) || !strings.Contains(text, "- one") {
			t.Errorf("turn %d: text %q", turn, text)
		}
		if leaves[2].disposition != "inline" || !strings.Contains(string(leaves[1].content), `src="cid:`+leaves[2].id+`"`) || !bytes.Equal(leaves[2].content, png) {
			t.Errorf("turn %d: image %+v in %s", turn, leaves[2], leaves[1].content)
		}
		if leaves[3].name != "Größe.pdf" || leaves[3].disposition != "attachment" || !bytes.Equal(leaves[3].content, pdf) {
			t.Errorf("turn %d: file %q %s of %d bytes", turn, leaves[3].name, leaves[3].disposition, len(leaves[3].content))
		}
		if h.Get("In-Reply-To") != last || h.Get("Auto-Submitted") != "" || h.Get("List-Unsubscribe") != "" {
			t.Errorf("turn %d: headers %v", turn, h)
		}
		who := []string{carl, ann}[turn%2]
		last = s.id("them", turn)
		deliver(who, list(t, h, "Reply-To")[0], last, "In-Reply-To: "+h.Get("Message-ID")+"\nReferences: "+h.Get("References")+" "+h.Get("Message-ID")+"\n", "We see.")
		s.eventually(fmt.Sprintf("answer %d on its thread", turn), func() bool { return s.thread(id).Thread.Messages == int64(2*turn+1) })
	}
	for _, e := range s.answering(id).Entries {
		if e.Received != nil && e.Received.ThirdParty {
			t.Errorf("%s is taken for a stranger", e.Received.From.Email)
		}
	}
}

// A message is passed on with its file to somebody who is not on the thread. Their answer comes in as a stranger's, and changes for nobody
// whom an answer goes to.
func TestFlowForward(t *testing.T) {
	s := flow(t)
	customer, maker := s.at("fred"), s.at("maker")
	data := fmt.Sprintf("From: %s\nTo: %s\nSubject: %s\nMessage-ID: %s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nThe handle broke.\n\n"+
		"--b\nContent-Type: image/jpeg; name=handle.jpg\nContent-Disposition: attachment; filename=handle.jpg\nContent-Transfer-Encoding: base64\n\n%s\n--b--\n",
		customer, s.Address, s.about("Broken handle"), s.id("fred", 1), base64.StdEncoding.EncodeToString([]byte("JPEG")))
	s.post(customer, s.Address, data)
	id := s.bySubject(s.about("Broken handle")).ID
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"forwards": 2, "text": "Do you have a spare one?", "to": to(maker)}, nil)
	m := s.sentTo(maker, 1)
	h := m.header(t)
	if h.Get("Reply-To") != "" || h.Get("In-Reply-To") != "" || strings.Contains(m.Raw, "c+"+id) || h.Get("Subject") != "Fwd: "+s.about("Broken handle") {
		t.Errorf("a forward lets its reader in: %v", h)
	}
	shape, leaves := m.parts(t)
	if text := string(leaves[0].content); shape != "mixed(alternative(text/plain,text/html),image/jpeg)" || !strings.Contains(text, "spare one") ||
		!strings.Contains(text, "From: "+customer) || !strings.Contains(text, "The handle broke.") || string(leaves[2].content) != "JPEG" {
		t.Errorf("%s: %q", shape, text)
	}
	s.post(maker, s.Address, letter(maker, "Re: "+h.Get("Subject"), s.id("maker", 1), "In-Reply-To: "+h.Get("Message-ID")+"\nReferences: "+h.Get("References")+" "+h.Get("Message-ID")+"\n", "I have."))
	s.eventually("the maker's answer", func() bool { return s.thread(id).Thread.Messages == 3 })
	after := s.answering(id)
	if last := after.Entries[len(after.Entries)-1].Received; last == nil || !last.ThirdParty || last.From.Email != maker {
		t.Errorf("%+v", last)
	}
	if got := append(emails(after.ReplyTo), emails(after.ReplyAll.Cc)...); !slices.Equal(got, []string{customer}) {
		t.Errorf("answers go to %v", got)
	}
}

// A thread that we begin: the first mail is nobody's answer, and what comes back joins it.
func TestFlowAThreadWeBegin(t *testing.T) {
	s := flow(t)
	omar := s.at("omar")
	var account struct {
		Inboxes []struct {
			Accounts []struct{ ID, Address string }
		}
	}
	s.call("GET", "/inboxes", nil, &account)
	var got struct{ Thread summary }
	s.call("POST", "/threads", map[string]any{
		"account": account.Inboxes[0].Accounts[0].ID, "to": []address{{"Omar", omar}}, "subject": s.about("An offer"), "html": "<p>Dear Omar</p>",
	}, &got)
	m := s.sentTo(omar, 1)
	h := m.header(t)
	if h.Get("Subject") != s.about("An offer") || h.Get("In-Reply-To") != "" || got.Thread.Contact.Name != "Omar" {
		t.Errorf("%v %+v", h, got)
	}
	s.post(omar, list(t, h, "Reply-To")[0], letter(omar, "Re: "+s.about("An offer"), s.id("omar", 1), "In-Reply-To: "+h.Get("Message-ID")+"\n", "Gladly."))
	s.eventually("Omar's answer", func() bool { return s.thread(got.Thread.ID).Thread.Messages == 2 })
	s.call("POST", "/threads/"+got.Thread.ID+"/messages", map[string]any{"text": "Fine."}, nil)
	if h := s.sentTo(omar, 2).header(t); h.Get("In-Reply-To") != s.id("omar", 1) {
		t.Errorf("%v", h)
	}
}

// Ten seconds: what is released goes at once, what is withdrawn never does, and neither is undone.
func TestFlowUndo(t *testing.T) {
	s := flow(t)
	una := s.at("una")
	s.post(una, s.Address, letter(una, s.about("Undo"), s.id("una", 1), "", "Well?"))
	id := s.bySubject(s.about("Undo")).ID
	hold := func(text string) string {
		t.Helper()
		var out struct {
			Entries []struct {
				Seq      int64
				Delivery *delivery
			}
		}
		s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": text, "undo": true}, &out)
		e := out.Entries[0] // who answers first takes the thread: an entry of that comes behind it
		if wait := time.Until(e.Delivery.HeldUntil); e.Delivery.State != "held" || wait < 5*time.Second || wait > 11*time.Second {
			t.Fatalf("%+v", e.Delivery)
		}
		return fmt.Sprintf("/threads/%s/messages/%d/", id, e.Seq)
	}
	first := hold("I did not mean that.")
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "Behind it."}, nil)
	time.Sleep(s.within(300 * time.Millisecond))
	if got := s.outbox(una); len(got) != 0 {
		t.Errorf("%d mails overtook what is held", len(got))
	}
	s.call("POST", first+"withdraw", nil, nil)
	if m := s.sentTo(una, 1); !strings.Contains(m.Raw, "Behind it.") {
		t.Errorf("%s", m.Raw)
	}
	if status, _, body := s.try("POST", first+"release", nil); status != 409 {
		t.Errorf("released after it was withdrawn: %d %s", status, body)
	}
	second := hold("I mean this.")
	begin := time.Now()
	s.call("POST", second+"release", nil, nil)
	if m := s.sentTo(una, 2); !strings.Contains(m.Raw, "I mean this.") {
		t.Errorf("%s", m.Raw)
	}
	if took := time.Since(begin); took > s.within(2*time.Second) {
		t.Errorf("released, and it took %v", took)
	}
	if status, _, body := s.try("POST", second+"withdraw", nil); status != 409 {
		t.Errorf("withdrawn after it was released: %d %s", status, body)
	}
	third := hold("Nobody ends my hold.")
	var at time.Time
	for _, e := range s.answering(id).Entries {
		if e.Delivery != nil && e.Delivery.State == "held" {
			at = e.Delivery.HeldUntil
		}
	}
	time.Sleep(time.Until(at) + time.Second)
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "Its time is over."}, nil)
	if m := s.sentTo(una, 4); !strings.Contains(m.Raw, "Its time is over.") {
		t.Errorf("%s", m.Raw)
	}
	if got := s.outbox(una); len(got) != 4 || !strings.Contains(got[1].Raw, "Nobody ends my hold.") {
		t.Errorf("%d mails, the last but one %s", len(got), got[1].Raw)
	}
	if status, _, _ := s.try("POST", third+"withdraw", nil); status != 409 {
		t.Errorf("withdrawn after it was sent: %d", status)
	}
}

// A browser that dies, and the program with it: a message that was held is sent after the restart, once.
func TestFlowARestartKeepsWhatIsHeld(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	p.post("leo@example.com", p.Address, letter("leo@example.com", "Held", "<leo-1@example.com>", "", "Well?"))
	id := p.bySubject("Held").ID
	p.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "In a moment.", "undo": true}, nil)
	end := time.Now().Add(10 * time.Second)
	p.kill()
	time.Sleep(time.Until(end))
	p = start(t, dir)
	p.sentTo("leo@example.com", 1)
	time.Sleep(time.Second)
	if n := len(p.outbox("leo@example.com")); n != 1 {
		t.Errorf("%d mails", n)
	}
}
