package agentapi

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/mailer"
	"parley/shared/store"
)

// LetterIn is what every message to people outside has. (What is embedded is exported, or the library that reads the types overlooks it.)
type LetterIn struct {
	Text        string           `json:"text,omitempty" doc:"Plain text, at most 1 MiB. Not used if there is html: its plain text is made from it."`
	HTML        string           `json:"html,omitempty" doc:"Rich text, at most 1 MiB, sanitised here. An image of an upload is written <img src=\"cid:<id of the upload>\">."`
	Cc          []events.Address `json:"cc,omitempty"`
	Bcc         []events.Address `json:"bcc,omitempty" doc:"The other recipients never see them."`
	Attachments []fileIn         `json:"attachments,omitempty" maxItems:"100" doc:"In order. Those that the html shows go inline, the others as files."`
	Undo        bool             `json:"undo,omitempty" doc:"Hold it for ten seconds (delivery.state held): until it is released or withdrawn, else it goes by itself, a minute after delivery.heldUntil at the latest."`
}

// fileIn names a file of a message: an upload, or a file of a message of the same thread.
type fileIn struct {
	Upload string `json:"upload,omitempty" maxLength:"64" doc:"Id of an upload of the caller's."`
	Entry  int64  `json:"entry,omitempty" minimum:"0" doc:"Or: seq of a message of the same thread, and n."`
	N      int    `json:"n,omitempty" minimum:"0" doc:"Index in that message's attachments."`
	Name   string `json:"name,omitempty" doc:"File name as people see it, at most 255 bytes."`
}

// letter is a message's content: cleaned, with its files found; after keep, in the bucket.
type letter struct {
	text, html string
	files      []events.Attachment
	from       []string // key of each file now; "" for one that stays where it is
	folds      []events.Fold
	preview    string
	held       bool
	begins     bool // it begins its thread
	body       events.Body
}

var uploadID = regexp.MustCompile(`^[0-9a-z]{26}$`)

// letter reads a message's content. thread is "" for one that begins a thread.
func (d *door) letter(ctx context.Context, thread string, in LetterIn) (letter, error) {
	text, err := cleanText(in.Text)
	if err != nil {
		return letter{}, err
	}
	l := letter{text: text, held: in.Undo, begins: thread == ""}
	if len(in.HTML) > limit.TextBytes {
		return l, fault.New(fault.Invalid, "A text has at most %d bytes, not %d.", limit.TextBytes, len(in.HTML))
	}
	if in.HTML != "" {
		l.html = strings.TrimSpace(email.Sanitise(in.HTML))
	}
	for i, f := range in.Attachments {
		if err := d.find(ctx, &l, thread, f); err != nil {
			return l, fault.Wrap(err, fault.CodeOf(err), "attachments[%d]: %s", i, fault.MessageOf(err))
		}
	}
	if l.html != "" {
		if l.html, err = d.inline(l.html, l.files, in.Attachments); err != nil {
			return l, err
		}
		l.text = email.TextOf(l.html)
		if l.text == "" && !strings.Contains(l.html, "<img") {
			l.html = "" // an empty page
		}
	}
	l.preview = inbox.Preview(l.text)
	return l, l.fits()
}

// find looks up a file.
func (d *door) find(ctx context.Context, l *letter, thread string, f fileIn) error {
	a, from := events.Attachment{}, ""
	switch {
	case f.Upload != "":
		if !uploadID.MatchString(f.Upload) {
			return noUpload()
		}
		from = store.UploadKey(caller(ctx).ID, f.Upload)
		info, err := d.files.Stat(ctx, from)
		if fault.Is(err, fault.NotFound) {
			return noUpload()
		}
		if err != nil {
			return err
		}
		a = events.Attachment{Name: "attachment", Type: info.Type, Size: info.Size}
	case f.Entry > 0 && thread != "":
		c, err := d.content(ctx, thread, f.Entry)
		if err != nil {
			return err
		}
		if f.N >= len(c.attachments) {
			return fault.New(fault.NotFound, "There is no such file.")
		}
		a = c.attachments[f.N]
		a.Inline, a.ContentID = false, ""
	default:
		return fault.New(fault.Invalid, "It names neither an upload nor a file of this conversation.")
	}
	if f.Name != "" {
		name, err := fileName(f.Name)
		if err != nil {
			return err
		}
		a.Name = name
	}
	if mailer.Refuses(a.Name) {
		return refusedFile(a.Name)
	}
	l.files, l.from = append(l.files, a), append(l.from, from)
	return nil
}

func noUpload() error {
	return fault.New(fault.Invalid, "This upload is not here: it never came whole, or it has expired after %.0f days. Please attach the file again.", limit.UploadKeep.Hours()/24)
}

// fileName is a name as a mail carries it.
func fileName(name string) (string, error) {
	if breaksLines(name) {
		return "", lineBreak("name")
	}
	clean := email.FileName(name)
	if clean == "" || len(clean) > limit.FileNameBytes {
		return "", fault.New(fault.Invalid, "A file needs a name of at most %d bytes.", limit.FileNameBytes)
	}
	return clean, nil
}

func refusedFile(name string) error {
	return fault.New(fault.Invalid, "%q cannot be mailed: the mail service refuses files of this kind, because many of them are harmful. Put it into a ZIP file, or send a link.", name)
}

// inline makes the uploads that the HTML shows parts of the mail, under ids that are theirs alone.
func (d *door) inline(page string, files []events.Attachment, in []fileIn) (string, error) {
	return eachTag(page, func(tag *html.Token) (changed bool, err error) {
		for a := range tag.Attr {
			id, ok := contentID(tag.Attr[a].Val)
			if tag.Data != "img" || tag.Attr[a].Key != "src" || !ok {
				continue
			}
			i := slices.IndexFunc(in, func(f fileIn) bool { return f.Upload == id && id != "" })
			if i < 0 {
				return false, fault.New(fault.Invalid, "html: it shows the image %q, which is not among the attachments.", id)
			}
			files[i].Inline, files[i].ContentID = true, id+"@"+d.mailDomain
			tag.Attr[a].Val, changed = "cid:"+files[i].ContentID, true
		}
		return changed, nil
	})
}

// fits refuses a message that is too large for the mail service, before anything of it is kept. Text can grow threefold on its way.
func (l *letter) fits() error {
	size := int64(3*(len(l.text)+len(l.html)) + 64<<10)
	for _, f := range l.files {
		size += (f.Size + 56) / 57 * 78
	}
	if len(l.files) > limit.MailOutFiles {
		return fault.New(fault.Invalid, "attachments: a message has at most %d files, not %d.", limit.MailOutFiles, len(l.files))
	}
	if size > limit.MailOutBytes {
		return fault.New(fault.Invalid, "attachments: the message is %d MB, encoded for mail; at most %d MB can be sent. Send large files as a link.", size>>20, limit.MailOutBytes>>20)
	}
	return nil
}

// identity tells two contents apart.
func (l *letter) identity() []string {
	out := []string{l.text, l.html, strconv.FormatBool(l.held)}
	for i, f := range l.files {
		out = append(out, l.from[i], f.Ref, f.Name, f.ContentID)
	}
	return out
}

// keep puts what is long, the HTML and the uploads where they belong before anything is committed. The keys follow from the request: a repeated
// request writes the same objects again, and one that fails afterwards leaves at most those.
func (d *door) keep(ctx context.Context, thread, id string, l *letter) error {
	l.body = events.Body{Text: l.text, Folds: l.folds}
	if strings.TrimSpace(l.text) == "" {
		l.body.Text = "" // the domain refuses a message of blanks
	}
	long := len(l.body.Text) > limit.InlineBodyBytes
	if !long && l.html == "" && strings.Join(l.from, "") == "" {
		return nil
	}
	if !l.begins {
		if _, err := d.store.Threads.Head(ctx, thread); err != nil {
			return err // no objects for threads that do not exist
		}
	}
	if long {
		l.body.Text, l.body.TextRef = "", store.BodyKey(thread, id, "txt")
		if err := d.files.Put(ctx, l.body.TextRef, "text/plain; charset=utf-8", []byte(l.text)); err != nil {
			return err
		}
	}
	if l.html != "" {
		l.body.HTMLRef = store.BodyKey(thread, id, "html")
		if err := d.files.Put(ctx, l.body.HTMLRef, "text/html; charset=utf-8", []byte(l.html)); err != nil {
			return err
		}
	}
	for i, from := range l.from {
		if from == "" {
			continue
		}
		l.files[i].Ref = store.AttachmentKey(thread, id, i)
		err := d.files.Copy(ctx, from, l.files[i].Ref)
		if fault.Is(err, fault.NotFound) {
			return noUpload()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fill writes the content into a message.
func (l *letter) fill(m *events.MessageSent, id string) {
	m.Message, m.Held = id, l.held
	if len(m.To) > 0 { // a chat's visitor reads it in the widget
		m.Delivery = derive("delivery", id)
	}
	m.Body, m.Preview, m.Attachments = l.body, l.preview, l.files
}

// cleanText makes a text fit for mail: lines end in \n, and characters that no mail may hold (RFC 5322 §3.5: NUL) or that nobody
// sees go away.
func cleanText(s string) (string, error) {
	if len(s) > limit.TextBytes {
		return "", fault.New(fault.Invalid, "A text has at most %d bytes, not %d.", limit.TextBytes, len(s))
	}
	if !strings.ContainsFunc(s, unwanted) {
		return s, nil
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if unwanted(r) {
			return -1
		}
		return r
	}, s), nil
}

func unwanted(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
