package email

import (
	"regexp"
	"strings"
)

var (
	enhancedStatus = regexp.MustCompile(`(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.\s|\.[^\d])`)
	replyCode      = regexp.MustCompile(`(?:^|[\s(:<\["'#])([45])\d\d(?:[\s:,;.)-]|$)`)
	onlyReply      = regexp.MustCompile(`(?i)(?:said|error|returned|responded|reply|code|<<<|out:|rejected)[^@]{0,40}?[\s(:<\["'#]([45])\d\d(?:[\s:,;.)-]|$)|^\s*([45])\d\d[\s:-]`)
)

// statusIn reads the value of a Status field: "5.1.1 (bad destination)". Of several, in a transcript, a failure counts more.
func statusIn(s string) string {
	status := ""
	for rest := " " + s; len(rest) > 0; {
		at := enhancedStatus.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		found := rest[at[2]:at[3]]
		if found[0] != '2' {
			return found
		}
		if status == "" {
			status = found
		}
		rest = rest[at[3]:]
	}
	return status
}

// statusOf finds the status (RFC 3463) in what a server said: its enhanced code, or else the class of its reply code.
func statusOf(s string) string {
	if status := statusIn(s); status != "" {
		return status
	}
	if found := replyCode.FindStringSubmatch(s); found != nil {
		return found[1] + ".0.0"
	}
	return ""
}

// diagnostic is what the notice says of an address: the rest of the line that lists it, and the lines below.
func (n *notice) diagnostic(address string) string {
	for _, f := range n.failures {
		if !strings.EqualFold(f.Address, address) {
			continue
		}
		var out strings.Builder
		line := n.lines[f.line]
		if i := strings.Index(strings.ToLower(line), strings.ToLower(address)); i >= 0 && f.listed {
			line = strings.TrimLeft(line[i+len(address):], "\"'>):;,. \t")
		}
		out.WriteString(strings.TrimSpace(line))
		for i := f.line + 1; i < len(n.lines) && out.Len() < maxDiagnostic; i++ {
			next := strings.TrimSpace(n.lines[i])
			if other, lists := n.listed[i]; next == "" && out.Len() > 0 || lists && !strings.EqualFold(other, address) || isRule(next) || i > f.line+maxDiagnostic {
				break
			}
			if next != "" {
				out.WriteString(" " + next)
			}
		}
		if s := strings.TrimSpace(out.String()); s != "" {
			return cut(s, maxDiagnostic)
		}
	}
	return ""
}

// isRule reports whether a line separates what is above it from what is below.
func isRule(s string) bool {
	return len(s) > 2 && (strings.HasPrefix(s, "---") || strings.HasPrefix(s, "===") || strings.HasPrefix(s, "***") || strings.HasPrefix(s, "___") || strings.HasPrefix(s, "###"))
}

// statusAbout looks for a status in the lines that speak of an address, and then in all of the notice: transcripts of a session
// stand below the list of addresses.
func (n *notice) statusAbout(address string) string {
	if n.lower == nil {
		n.lower = strings.Split(strings.ToLower(strings.Join(n.lines, "\n")), "\n")
	}
	address = strings.ToLower(address)
	for i, line := range n.lines {
		if strings.Contains(n.lower[i], address) {
			if s := statusOf(line); s != "" {
				return s
			}
		}
	}
	if n.status == nil {
		s := n.anyStatus()
		n.status = &s
	}
	return *n.status
}

// anyStatus is the first failure that the notice speaks of at all.
func (n *notice) anyStatus() string {
	best := ""
	for _, line := range n.lines {
		if s := statusIn(line); s != "" && s[0] != '2' {
			return s
		}
		if found := onlyReply.FindStringSubmatch(line); found != nil && best == "" {
			best = found[1] + found[2] + ".0.0"
		}
	}
	return best
}
