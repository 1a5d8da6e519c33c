package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/smtp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// steadyAfter is by how many mails the program has all the memory that it will ever want: what it holds then is compared with what it holds at
// the end.
const steadyAfter = 2000

// mailLoad sends n mails over eight SMTP connections, waits until the ledger has all of them, and ends the bench unless each one is a message
// exactly once: none lost, none double. Three of ten are pages with a file, one of ten answers an earlier one, which may not be there yet.
func mailLoad(p *program, n int) {
	before := ledger(p)
	m, begin := measure(p), time.Now()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		send(p, n, begin.UnixNano())
		say("mails.accepted", float64(n)/time.Since(begin).Seconds(), "mails/s")
	}()
	early := wait(p, before.Threaded+min(steadyAfter, int64(n)), time.Time{})
	<-sent
	late := wait(p, before.Threaded+int64(n), time.Now().Add(10*time.Minute))
	say("mails", float64(n)/time.Since(begin).Seconds(), "mails/s")
	m.say("mails", n)
	say(fmt.Sprintf("mails.memory.%d", min(steadyAfter, n)), early, "MB")
	say(fmt.Sprintf("mails.memory.%d", n), late, "MB")
	lost, double := count(p, n, begin.UnixNano())
	say("mails.lost", float64(lost), "mails")
	say("mails.double", float64(double), "mails")
	if l := ledger(p); lost+double > 0 || l.Accepted-before.Accepted != int64(n) || l.Underway != 0 {
		check(fmt.Errorf("of %d mails %d are lost and %d double; the ledger says %+v, before %+v", n, lost, double, l, before))
	}
}

func send(p *program, n int, run int64) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			c, err := smtp.Dial(p.SMTP)
			check(err)
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				check(c.Mail(fmt.Sprintf("bench%d@shop.example", i)))
				check(c.Rcpt(p.Address))
				w, err := c.Data()
				check(err)
				_, err = w.Write(mailOf(p.Address, int(i), run))
				check(err)
				check(w.Close())
			}
			check(c.Quit())
		})
	}
	wg.Wait()
}

var file = strings.Join(wrapped(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("A page of an invoice. "), 1500))), "\r\n")

func wrapped(s string) (lines []string) {
	for ; len(s) > 76; s = s[76:] {
		lines = append(lines, s[:76])
	}
	return append(lines, s)
}

// answered is the mail that mail i answers; 0 if it begins a conversation.
func answered(i int) int {
	if i%10 == 9 {
		return i - 8
	}
	return 0
}

// mailOf is mail i of a run.
func mailOf(to string, i int, run int64) []byte {
	of := i
	re := ""
	if a := answered(i); a > 0 {
		of, re = a, fmt.Sprintf("In-Reply-To: <%d.%d@shop.example>\r\n", a, run)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Customer %d <bench%d@shop.example>\r\nTo: %s\r\nSubject: Order %d\r\nMessage-ID: <%d.%d@shop.example>\r\n%sMIME-Version: 1.0\r\n", of, of, to, of, i, run, re)
	text := fmt.Sprintf("Hello,\r\n\r\nwhere is my order %d? It was to come on Tuesday.\r\n\r\nKind regards\r\n", i)
	if i%10 < 7 || i%10 == 9 {
		b.WriteString("\r\n" + text)
		return b.Bytes()
	}
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<table><tr><td style=\"color:#333\">%s</td></tr></table>%s\r\n"+
		"--b\r\nContent-Type: application/pdf; name=\"%d.pdf\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n%s\r\n--b--\r\n",
		text, strings.Repeat("<p>A line of the newsletter at the end.</p>", 40), i, file)
	return b.Bytes()
}

type day struct {
	Accepted, Threaded, Filtered, Quarantined, Dropped, Underway int64
}

func ledger(p *program) day {
	var out struct{ Total day }
	check(json.Unmarshal(dial(p).do("GET", "/ledger", "", nil), &out))
	return out.Total
}

// wait returns the program's memory in MB as soon as the ledger says that so many mails are messages.
func wait(p *program, threaded int64, until time.Time) float64 {
	for {
		l := ledger(p)
		if l.Threaded >= threaded {
			return p.rss()
		}
		if !until.IsZero() && time.Now().After(until) {
			check(fmt.Errorf("only %+v of %d mails", l, threaded))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// count reads the log of every conversation and says which mails of a run are not in one, and which are more than once.
func count(p *program, n int, run int64) (lost, double int) {
	c := dial(p)
	seen := make([]int, n+1)
	place := make([]string, n+1)
	for _, id := range threadIDs(c, inboxID(c), 1<<30) {
		var view struct {
			Entries []struct {
				Received *struct {
					Email struct{ MessageID string }
				}
			}
		}
		check(json.Unmarshal(c.do("GET", "/threads/"+id, "", nil), &view))
		for _, e := range view.Entries {
			var i int
			var of int64
			if e.Received == nil {
				continue
			}
			if _, err := fmt.Sscanf(e.Received.Email.MessageID, "%d.%d@shop.example", &i, &of); err == nil && of == run && i > 0 && i <= n {
				seen[i]++
				place[i] = id
			}
		}
	}
	for i := 1; i <= n; i++ {
		if seen[i] == 0 {
			lost++
		}
		double += max(0, seen[i]-1)
		if a := answered(i); a > 0 && place[a] != place[i] {
			check(fmt.Errorf("mail %d is not with mail %d, which it answers", i, a))
		}
	}
	return lost, double
}
