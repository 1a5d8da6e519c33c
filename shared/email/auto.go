package email

import (
	"strings"
)

// autoHeaders are fields whose presence means that a program wrote the mail.
var autoHeaders = []string{"x-autoreply", "x-autorespond", "x-autoresponder", "x-fc-machinegenerated", "x-loop"}

// rulesLoop is what an inbox rule of Exchange puts on a mail that it sends on or answers: the address of the mailbox that has the rule.
const rulesLoop = "x-ms-exchange-inbox-rules-loop"

// autoSubjects begin the subjects of automatic answers, in the words of Outlook, Exchange, Gmail, Notes and Zimbra.
var autoSubjects = []string{
	"automatic reply:", "automatic reply ", "auto-reply", "autoreply", "auto reply:", "auto response:", "autoresponse", "out of office", "out of the office",
	"automatische antwort:", "abwesenheitsnotiz", "abwesenheitsnachricht", "automatische abwesenheit",
	"réponse automatique", "reponse automatique", "absence du bureau", "message d'absence",
	"respuesta automática", "respuesta automatica", "fuera de la oficina", "resposta automática", "resposta automatica",
	"risposta automatica", "fuori sede", "fuori ufficio", "autosvar", "automatisk svar", "automatiskt svar", "fraværende",
	"automatisch antwoord", "afwezigheidsbericht", "afwezig:", "automaattinen vastaus", "poissa", "odpowiedź automatyczna", "autoodpowiedź",
	"automatická odpověď", "automatikus válasz", "otomatik yanıt", "автоответ", "автоматический ответ", "自動応答", "自动答复", "自動回覆", "부재 중",
}

// autoRule says which rule of reference §5 row 8 takes the mail for a program's, or "". The surer rules come first, because a
// caller may want to treat the weak ones ("list-id", "x-auto-response-suppress": only "do not answer") more gently.
func autoRule(m *Message, h header) string {
	value := func(name string) string { return strings.ToLower(decodeHeader(h.get(name), "")) }
	if v := firstWord(value("auto-submitted")); v != "" && v != "no" {
		return "auto-submitted"
	}
	for _, name := range autoHeaders {
		if h.has(name) && value(name) != "no" {
			return name
		}
	}
	switch firstWord(value("precedence")) {
	case "bulk", "junk", "list", "auto_reply", "auto-reply":
		return "precedence"
	}
	if isMachine(m.From) {
		return "from"
	}
	subject := strings.ToLower(m.Subject)
	for _, p := range autoSubjects {
		if strings.HasPrefix(subject, p) {
			return "subject"
		}
	}
	for _, name := range []string{"list-id", "list-unsubscribe"} {
		if h.has(name) {
			return name
		}
	}
	if v := value("x-auto-response-suppress"); strings.Contains(v, "all") || strings.Contains(v, "oof") || strings.Contains(v, "autoreply") {
		return "x-auto-response-suppress"
	}
	if h.has(rulesLoop) { // last: an Exchange rule answers by it, and also redirects by it what a person wrote (Message.Redirected)
		return rulesLoop
	}
	return ""
}

func firstWord(s string) string {
	if i := strings.IndexAny(s, " \t;,("); i >= 0 {
		return s[:i]
	}
	return s
}

// isMachine reports whether nobody reads answers to this sender.
func isMachine(a Address) bool {
	local, _, _ := strings.Cut(strings.ToLower(a.Email), "@")
	switch strings.NewReplacer("-", "", "_", "", ".", "").Replace(local) {
	case "noreply", "donotreply", "mailerdaemon", "postmaster":
		return true
	}
	return isDaemon(a)
}

// isDaemon reports whether a mail system sent this, not a person.
func isDaemon(a Address) bool {
	local, _, _ := strings.Cut(strings.ToLower(a.Email), "@")
	name := strings.ToLower(a.Name)
	switch {
	case local == "mailer-daemon", local == "mailerdaemon", local == "mail-daemon", local == "mail.delivery.system":
		return true
	case a.Email == "" && strings.HasPrefix(name, "mailer-daemon"):
		return true
	}
	return strings.HasPrefix(name, "mail delivery s") || strings.HasPrefix(name, "mail deliver system")
}
