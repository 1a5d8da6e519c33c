package email

import "strings"

// replyPrefixes and forwardPrefixes are what mail programs put before a subject, in their users' languages, lower case and
// without the colon. They are the programs' own words (Outlook, Thunderbird, Gmail, Apple Mail, Lotus Notes).
var (
	replyPrefixes = set("re", "aw", "antw", "antwort", "sv", "vs", "r", "rif", "rép", "resp", "res", "odp", "ynt", "yan", "bls", "vá",
		"atb", "απ", "σχετ", "ref", "refer", "odg", "ats", "отв", "ответ", "回复", "回覆", "答复", "返信", "re to", "réf")
	forwardPrefixes = set("fw", "fwd", "wg", "tr", "rv", "enc", "i", "doorst", "vb", "vl", "pd", "ilt", "i̇lt", "továbbítás", "továbbítva",
		"πρθ", "trs", "fyi", "pret", "转发", "轉寄", "転送", "пересл", "переслать", "videresendt", "vidarebefordrat")
)

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// cutPrefix cuts one reply or forward prefix ("Re:", "AW[2]:", "回复：") off a subject. kind is "" if there is none.
func cutPrefix(s string) (kind, rest string) {
	const maxPrefix = 40
	head := s[:min(len(s), maxPrefix)]
	i := strings.IndexByte(head, ':')
	width := 1
	if j := strings.Index(head, "："); j >= 0 && (i < 0 || j < i) {
		i, width = j, len("：")
	}
	if i <= 0 {
		return "", s
	}
	word := strings.ToLower(strings.TrimSpace(s[:i]))
	if k := strings.LastIndexAny(word, "[(^"); k > 0 && strings.Trim(word[k+1:], "0123456789)]") == "" {
		word = strings.TrimSpace(word[:k]) // a counter
	}
	switch {
	case replyPrefixes[word]:
		kind = "reply"
	case forwardPrefixes[word]:
		kind = "forward"
	default:
		return "", s
	}
	return kind, strings.TrimSpace(s[i+width:])
}

// NormaliseSubject strips reply and forward prefixes, however many, and folds blanks: what is left is equal for the mails of
// one conversation. It keeps the case.
func NormaliseSubject(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	for {
		kind, rest := cutPrefix(s)
		if kind == "" {
			return s
		}
		s = rest
	}
}

// ReplySubject is the subject of an answer: "Re: " and the subject, or the subject itself if it is that of an answer already.
// It is one line, whatever s is.
func ReplySubject(s string) string {
	s = cleanHeader(strings.Join(strings.Fields(s), " "))
	if kind, _ := cutPrefix(s); kind == "reply" {
		return s
	}
	return strings.TrimSpace("Re: " + s)
}

// ForwardSubject is the subject of a message that is passed on, as ReplySubject is of an answer.
func ForwardSubject(s string) string {
	s = cleanHeader(strings.Join(strings.Fields(s), " "))
	if kind, _ := cutPrefix(s); kind == "forward" {
		return s
	}
	return strings.TrimSpace("Fwd: " + s)
}
