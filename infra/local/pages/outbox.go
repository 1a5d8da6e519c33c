package pages

import (
	"encoding/json"
	"net/http"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"parley/shared/fault"
)

// Sent is one mail that went out.
type Sent struct {
	ID   string
	At   time.Time
	From string
	To   []string
	Note string // what the relay or the simulator said, "" for nothing
	Raw  []byte
}

// Outbox shows what went out, as a page and as JSON. A mail's HTML is shown in a frame that can run nothing and load nothing.
type Outbox struct {
	List func(limit int) ([]Sent, error) // newest first
	Get  func(id string) (Sent, error)   // fault.NotFound
}

// Mails listed unless the caller says how many; the JSON carries whole messages, so it has an end.
const (
	outboxPage = 200
	outboxMost = 10000
)

// Register adds /outbox, /outbox.json and what is below.
func (o *Outbox) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /outbox", o.list)
	mux.HandleFunc("GET /outbox.json", o.json)
	mux.HandleFunc("GET /outbox/{id}", o.mail)
	mux.HandleFunc("GET /outbox/{id}/html", o.html)
	mux.HandleFunc("GET /outbox/{id}/raw", o.raw)
}

// row is a mail as the JSON shows it.
type row struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	From      string    `json:"from"`
	To        []string  `json:"to"`
	Subject   string    `json:"subject"`
	MessageID string    `json:"messageId"`
	Note      string    `json:"note,omitempty"`
	Raw       string    `json:"raw"`
}

func (s *Sent) row() row {
	r := row{ID: s.ID, At: s.At, From: s.From, To: s.To, Note: s.Note, Raw: string(s.Raw)}
	if m, err := mail.ReadMessage(strings.NewReader(r.Raw)); err == nil {
		r.Subject, r.MessageID = decoded(m.Header.Get("Subject")), m.Header.Get("Message-ID")
	}
	return r
}

func (o *Outbox) rows(r *http.Request) ([]row, error) {
	limit := outboxPage
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > outboxMost {
			return nil, fault.New(fault.Invalid, "limit is a number from 1 to %d", outboxMost)
		}
		limit = n
	}
	list, err := o.List(limit)
	rows := make([]row, len(list))
	for i := range list {
		rows[i] = list[i].row()
	}
	return rows, err
}

func (o *Outbox) json(w http.ResponseWriter, r *http.Request) {
	rows, err := o.rows(r)
	if failed(w, err) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(rows)
}

func failed(w http.ResponseWriter, err error) bool {
	status := http.StatusInternalServerError
	switch fault.CodeOf(err) {
	case "":
		return false
	case fault.NotFound:
		status = http.StatusNotFound
	case fault.Invalid:
		status = http.StatusUnprocessableEntity
	}
	http.Error(w, fault.MessageOf(err), status)
	return true
}

var outboxPageHTML = Page(`<body><main class="sheet"><header><h1>Outbox</h1><p class="t3 f13">Mail this local Parley sent. {{.Note}}</p></header>
{{if .Rows}}<ul class="list">{{range .Rows}}<li><a href="/outbox/{{.ID}}"><b>{{or .Subject "(no subject)"}}</b><time datetime="{{.At.Format "2006-01-02T15:04:05Z07:00"}}">{{.At.Format "2 Jan 15:04:05"}}</time><span>{{range $i, $a := .To}}{{if $i}}, {{end}}{{$a}}{{end}}</span></a></li>{{end}}</ul>
{{else}}<p class="list empty">Nothing has gone out yet. Reply to a conversation and the mail appears here.</p>{{end}}</main></body>`)

func (o *Outbox) list(w http.ResponseWriter, r *http.Request) {
	rows, err := o.rows(r)
	if failed(w, err) {
		return
	}
	Secure(w.Header(), "form-action 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	note := "Newest first."
	if len(rows) == outboxPage {
		note = "The newest " + strconv.Itoa(outboxPage) + "."
	}
	_ = outboxPageHTML.Execute(w, map[string]any{"Title": "Outbox", "Rows": rows, "Note": note})
}

var mailPage = Page(`<body><main class="sheet"><header><h1>{{or .Mail.Subject "(no subject)"}}</h1></header><p class="f13"><a href="/outbox">Outbox</a> · <a href="/outbox/{{.Mail.ID}}/raw">Raw message</a></p>
<dl>{{range .Fields}}<dt>{{.Name}}</dt><dd>{{.Value}}</dd>{{end}}{{with .Mail.Note}}<dt>Note</dt><dd>{{.}}</dd>{{end}}</dl>
{{if .HTML}}<iframe class="mail" sandbox title="The message as HTML" src="/outbox/{{.Mail.ID}}/html"></iframe>{{end}}
{{with .Text}}<pre>{{.}}</pre>{{end}}{{with .Files}}<p class="f13 t3">Files: {{range $i, $f := .}}{{if $i}}, {{end}}{{$f}}{{end}}</p>{{end}}</main></body>`)

// shown are the header fields the page lists.
var shown = []string{"From", "To", "Cc", "Reply-To", "Date", "Message-ID", "In-Reply-To", "References"}

func (o *Outbox) mail(w http.ResponseWriter, r *http.Request) {
	s, err := o.Get(r.PathValue("id"))
	if failed(w, err) {
		return
	}
	body := read(s.Raw)
	type field struct{ Name, Value string }
	var fields []field
	for _, name := range shown {
		if v := body.header.Get(name); v != "" {
			fields = append(fields, field{name, decoded(v)})
		}
	}
	Secure(w.Header(), "form-action 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = mailPage.Execute(w, map[string]any{"Title": "Outbox", "Mail": s.row(), "Fields": fields, "HTML": body.html != "", "Text": body.text, "Files": body.files})
}

func (o *Outbox) html(w http.ResponseWriter, r *http.Request) {
	s, err := o.Get(r.PathValue("id"))
	if failed(w, err) {
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(read(s.Raw).html))
}

func (o *Outbox) raw(w http.ResponseWriter, r *http.Request) {
	s, err := o.Get(r.PathValue("id"))
	if failed(w, err) {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(s.Raw)
}
