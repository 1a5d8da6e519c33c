package flows

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// written is what somebody writes in a mail client. The answered mail lies in box; a library, which cannot answer by itself, is told to whom
// and under which ids by the rules of RFC 5322 §3.6.4.
type written struct {
	Server     string   `json:"server"`
	Name       string   `json:"name"`
	From       string   `json:"from"`
	To         []string `json:"to"`
	Cc         []string `json:"cc"`
	Subject    string   `json:"subject"`
	Text       string   `json:"text"`
	File       string   `json:"file"`
	InReplyTo  string   `json:"inReplyTo"`
	References string   `json:"references"`
	box        string
}

// toolPatience is how long a mail client may take for one thing.
const toolPatience = 90 * time.Second

// processes are all that run on this machine, with what they wait for.
func processes() []byte {
	out, err := exec.Command("ps", "axo", "pid,ppid,stat,wchan:24,etimes,args").CombinedOutput()
	if err != nil {
		return append(out, err.Error()...)
	}
	return out
}

// tool runs a program that must be there and returns what it wrote.
func (s *setup) tool(stdin []byte, name string, args ...string) []byte {
	s.t.Helper()
	cmd, done := s.command(name, args...)
	defer done()
	cmd.Stdin = bytes.NewReader(stdin)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("%s: %v\n%s\n%s", name, err, problems.Bytes(), out.Bytes())
	}
	return out.Bytes()
}

// inTerminal runs a program that wants a terminal to show itself on, and nobody at the keys.
func (s *setup) inTerminal(name string, args ...string) {
	s.t.Helper()
	cmd, done := s.command(name, args...)
	defer done()
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 160})
	if err != nil {
		s.t.Fatal(err)
	}
	var screen bytes.Buffer
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		_, _ = io.Copy(&screen, terminal) // ends when the program's side is closed
	}()
	err = cmd.Wait()
	select {
	case <-shown:
	case <-time.After(time.Second): // a child of its holds the other side
	}
	terminal.Close()
	<-shown
	if err != nil {
		s.t.Fatalf("%s: %v\n%q", name, err, screen.Bytes())
	}
}

// command is a program with a home of its own, which is killed when it hangs.
func (s *setup) command(name string, args ...string) (cmd *exec.Cmd, done func()) {
	s.t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		s.t.Fatalf("%s is missing: make need-clients installs what these tests use, or names the line that does", name)
	}
	ctx, done := context.WithTimeout(s.t.Context(), toolPatience)
	cmd = exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=vt100", "HOME="+s.t.TempDir())
	cmd.WaitDelay = time.Second
	cmd.Cancel = func() error {
		s.t.Logf("%s %q hangs:\n%s", name, args, processes())
		return cmd.Process.Kill()
	}
	return cmd, done
}

// python runs testdata/client.py.
func (s *setup) python(what string, in, out any, args ...string) {
	s.t.Helper()
	stdin, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	got := s.tool(stdin, "python3", append([]string{filepath.Join("testdata", "client.py"), what}, args...)...)
	if out != nil {
		if err := json.Unmarshal(got, out); err != nil {
			s.t.Fatalf("%v in %s", err, got)
		}
	}
}

func withPython(s *setup, w written) { s.python("send", w, nil) }

func withNodemailer(s *setup, w written) {
	in, err := json.Marshal(w)
	if err != nil {
		s.t.Fatal(err)
	}
	s.tool(in, "node", filepath.Join("testdata", "client.mjs"))
}

func withSwaks(s *setup, w written) {
	args := []string{
		"--silent", "2", "--server", w.Server, "--from", w.From, "--to", strings.Join(append(slices.Clone(w.To), w.Cc...), ","),
		"--h-From", (&mail.Address{Name: w.Name, Address: w.From}).String(), "--h-To", strings.Join(w.To, ", "),
		"--h-Subject", mime.BEncoding.Encode("utf-8", w.Subject),
		"--header", "Content-Language: en", "--body", w.Text,
		"--attach-type", "application/octet-stream", "--attach-name", filepath.Base(w.File), "--attach", "@" + w.File,
	}
	if len(w.Cc) > 0 {
		args = append(args, "--header", "Cc: "+strings.Join(w.Cc, ", "))
	}
	if w.InReplyTo != "" {
		args = append(args, "--header", "In-Reply-To: "+w.InReplyTo, "--header", "References: "+w.References)
	}
	s.tool(nil, "swaks", args...)
}

// withNail answers by s-nail's own "reply": to the sender and everybody, and not to the Reply-To, as people who do not look do.
func withNail(s *setup, w written) {
	set := fmt.Sprintf("set v15-compat mta=smtp://%s smtp-auth=none from=%q sendwait ttycharset=utf-8 hostname=%s quote indentprefix=\"> \" recipients-in-cc\n",
		w.Server, w.Name+" <"+w.From+">", w.From[strings.IndexByte(w.From, '@')+1:])
	letter := w.Text + "\n~@ '" + w.File + "'\n~.\n"
	if w.box == "" {
		s.tool([]byte(set+"set asksub=no\nmail "+w.To[0]+"\n~s "+w.Subject+"\n~c "+strings.Join(w.Cc, " ")+"\n"+letter+"exit\n"), "s-nail", "-:/", "-#", "-R", "-f", mbox(s.t))
		return
	}
	s.tool([]byte(set+"reply 1\n"+letter+"exit\n"), "s-nail", "-:/", "-#", "-R", "-f", w.box)
}

// inMutt presses keys in mutt, which wants a terminal.
func (s *setup) inMutt(w written, box, keys string) {
	s.t.Helper()
	dir := s.t.TempDir()
	for name, text := range map[string]string{"text": w.Text + "\n", "rc": fmt.Sprintf(`
set smtp_url="smtp://%s" from="%s" realname="%s" use_from=yes envelope_from=yes hostname="%s"
set charset=utf-8 send_charset="us-ascii:utf-8" editor="cp %s/text" fast_reply=yes include=no reply_to=yes abort_unmodified=no
set folder="%s" record="" copy=no sort=threads wait_key=no move=no quit=yes delete=no confirmappend=no confirmcreate=no
set ssl_starttls=no ssl_force_tls=no recall=no
alternates "^%s$"
push "%s<exit>"
`, w.Server, w.From, w.Name, w.From[strings.IndexByte(w.From, '@')+1:], dir, dir, w.From, keys)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	s.inTerminal("mutt", "-n", "-F", filepath.Join(dir, "rc"), "-f", box)
}

// withMutt answers by mutt's own "group reply".
func withMutt(s *setup, w written) {
	keys := "<last-entry><group-reply>"
	box := w.box
	if box == "" {
		box = mbox(s.t, []byte("Subject: Welcome to your mailbox\n\nHello.\n"))
		keys = "<mail>" + w.To[0] + "<enter>" + w.Subject + "<enter><edit-cc>" + strings.Join(w.Cc, ", ") + "<enter>"
	}
	s.inMutt(w, box, keys+"<attach-file>"+w.File+"<enter><send-message>")
}

// seen is what Python's email package finds in a mail.
type seen struct {
	Subject, MessageID, InReplyTo, Shape                                 string
	From, FromName, ReplyTo, To, ToName, Cc, CcName, References, Defects []string
	Leaves                                                               []struct{ Type, Disposition, Name, ID, SHA256, Text string }
}

func (s *setup) read(m sent) seen {
	s.t.Helper()
	var out []seen
	s.python("read", []string{base64.StdEncoding.EncodeToString([]byte(m.Raw))}, &out)
	return out[0]
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// file writes a file that somebody is going to attach.
func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// received are the messages that came in on a thread, with what the API gives for their files.
func (s *setup) received(id string) (out []receivedMail) {
	s.t.Helper()
	var th struct {
		Entries []struct {
			Seq      int64
			Received *receivedMail
		}
	}
	s.call("GET", "/threads/"+id, nil, &th)
	for _, e := range th.Entries {
		if e.Received == nil {
			continue
		}
		for i, a := range e.Received.Attachments {
			var link struct{ URL string }
			s.call("GET", fmt.Sprintf("/threads/%s/entries/%d/attachments/%d", id, e.Seq, i), nil, &link)
			r, err := http.Get(link.URL)
			if err != nil {
				s.t.Fatal(err)
			}
			content, err := io.ReadAll(r.Body)
			r.Body.Close()
			if err != nil || r.StatusCode != http.StatusOK || sum(content) != a.SHA256 {
				s.t.Errorf("%s: %d, %d bytes, %v", a.Name, r.StatusCode, len(content), err)
			}
		}
		out = append(out, *e.Received)
	}
	return out
}

type receivedMail struct {
	From        struct{ Name, Email string }
	Body        struct{ Text string }
	ThirdParty  bool
	Attachments []struct{ Name, SHA256 string }
}
