package email_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/shared/email"
)

// bounceCount is what was measured over sisimai's bounces.
type bounceCount struct {
	all, found   int      // mails that are bounces, complaints or reports of delivery
	letters      int      // mails that are none
	stated       int      // recipients with their status that the files state
	right        int      // of these
	wrong, false []string // for a person
}

// statedInText is what the older forms among sisimai's files say: read by a person, as address and status; the status is that
// of the reply code's class where no enhanced one stands, and empty where neither does.
var statedInText = map[string]string{
	"exim-01": "kijitora@example.ed.jp 5.7.0", "exim-02": "kijitora@example.jp 5.1.1, sabatora@example.jp 5.2.1", "exim-03": "kijitora@example.jp 5.7.0",
	"exim-04": "kijitora@example.ed.jp 5.7.0", "exim-05": "kijitora@neko.example.co.jp 5.1.1", "exim-06": "kijitora@example.com", "exim-07": "shiba@example.com",
	"exim-08": "kijitora@example.org", "exim-30": "kijitora@exmaple.ch 5.7.1", "exim-31": "kijitora@example.net", "exim-32": "kijitora@example.net 5.0.0",
	"exim-33": "pseudo-local-part-kijitora-nyaan@comcast.net 5.0.0", "exim-34": "kijitora@example.net 5.7.1", "exim-35": "kijitora@example.com 5.0.0",
	"exim-36": "kijitora@example.edu 5.0.0", "exim-37": "kijitora@example.net 5.0.0", "exim-38": "kijitora@example.co.jp 4.0.0", "exim-39": "kijitora@example.net 5.0.0",
	"exim-40": "kijitora@example.org 5.0.0", "exim-41": "kijitora@example.net 4.0.0", "exim-42": "kijitora@example.net 5.7.1", "exim-45": "kijitora@example.com 5.2.0",
	"exim-46": "kijitora@example.com 5.7.1", "exim-47": "kijitora@example.net 5.0.0", "exim-50": "kijitora@neko.example.com 5.1.7", "exim-51": "kijitora@example.org 5.1.0",
	"exim-52": "kijitora@example.com", "exim-53": "kijitora@example.com", "exim-54": "kijitora@example.org 5.0.0", "exim-55": "kijitora@example.com 5.7.0",
	"exim-56": "kijitora@example.com 5.0.0", "exim-57": "kijitora@example.com", "exim-58": "kijitora@example.us 5.0.0", "exim-59": "kijitora@icloud.example.com 5.1.1",
	"exim-61": "xxxx@xxxx.net 5.1.1", "postfix-07": "kijitora@user.example.or.jp 5.0.0", "postfix-75": "kijitora@libsisimai.net 4.3.0", "postfix-64": "xxxx@wanadoo.fr",
	"rfc3464-37": "kijitora@neko.nyaan.example.com", "rfc3464-38": "kijitora-nyaan@example.jp", "rfc3464-39": "kijitora@nyaan.example.net",
	"amazonses-09": "bounce@simulator.amazonses.com 5.1.1", "amazonses-10": "bounce@simulator.amazonses.com 5.1.1",
	"amazonses-12": "success@simulator.amazonses.com 2.6.0", "amazonses-13": "complaint@simulator.amazonses.com 2.6.0",
	"postfix-34": "kijitora@example.com", "rfc3464-28": "kijitora@neko.example.jp 2.1.5", // the second of which is another mail, in the same file
}

// notStated are files whose recipient cannot be told: copies of a copy.
var notStated = map[string]string{
	"postfix-49": "a bounce of a bounce of a bounce, in one text", "postfix-50": "as postfix-49", "arf-26": "a request to be taken off a list, not a report",
	"exim-44": "the recipient is a command", "exim-60": "the recipient is a file", "rb-issue-368-bug": "",
}

var (
	finalRecipient = regexp.MustCompile(`(?im)^(?:final-recipient|original-recipient)\s*:\s*(?:[a-z0-9-]+\s*;)?\s*<?([^\s<>]+)`)
	statusLine     = regexp.MustCompile(`(?im)^status\s*:\s*(\d\.\d+\.\d+)`)
	finalFirst     = regexp.MustCompile(`(?im)^final-recipient\s*:\s*(?:[a-z0-9-]+\s*;)?\s*<?([^\s<>]+)`)
)

// statedInFields reads Final-Recipient and Status with two regular expressions, a paragraph at a time: no parser of ours.
func statedInFields(raw string) []string {
	var out []string
	for _, p := range regexp.MustCompile(`\n[ \t]*\n`).Split(strings.ReplaceAll(raw, "\r\n", "\n"), -1) {
		to := finalFirst.FindStringSubmatch(p)
		if to == nil {
			to = finalRecipient.FindStringSubmatch(p)
		}
		if to == nil {
			continue
		}
		s := strings.ToLower(strings.TrimSuffix(to[1], "."))
		if status := statusLine.FindStringSubmatch(p); status != nil {
			s += " " + status[1]
		}
		if !slices.ContainsFunc(out, func(o string) bool { return strings.Split(o, " ")[0] == strings.Split(s, " ")[0] }) {
			out = append(out, s)
		}
	}
	return out
}

func measureBounces(t testing.TB) (n bounceCount) {
	t.Helper()
	files, _ := filepath.Glob("testdata/corpora/sisimai/*.eml")
	if len(files) != 186 {
		t.Fatalf("%d files", len(files))
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(file), ".eml"), "lhost-")
		m := email.Parse(raw)
		if strings.HasPrefix(name, "is-not-bounce") || name == "rb-issue-368-bug" { // sisimai's folder "not"
			n.letters++
			if m.Report != nil {
				n.false = append(n.false, name)
			}
			continue
		}
		n.all++
		if m.Report == nil {
			n.wrong = append(n.wrong, name+": not found")
			continue
		}
		n.found++
		if strings.HasPrefix(name, "arf-") || name == "amazonses-11" {
			if m.Report.Kind != email.ReportComplaint || m.Bounce {
				n.wrong = append(n.wrong, name+": no complaint")
				n.found--
			}
			continue
		}
		if delivered := name == "rfc3464-28" || name == "amazonses-12" || name == "amazonses-13"; m.Report.Kind != email.ReportBounce || m.Bounce == delivered {
			n.wrong = append(n.wrong, name+": the wrong kind")
			n.found--
			continue
		}
		if _, no := notStated[name]; no {
			continue
		}
		want := statedInFields(string(raw))
		if s, byHand := statedInText[name]; byHand {
			want = strings.Split(s, ", ")
		}
		var got []string
		for _, r := range m.Report.Recipients {
			got = append(got, strings.TrimSpace(strings.ToLower(r.Address)+" "+r.Status))
		}
		n.stated += len(want)
		for _, w := range want {
			if slices.Contains(got, w) {
				n.right++
			} else {
				n.wrong = append(n.wrong, name+": stated "+w+", read "+strings.Join(got, ", "))
			}
		}
		if len(got) > len(want) {
			n.wrong = append(n.wrong, name+": too many: "+strings.Join(got, ", "))
			n.right--
		}
	}
	return n
}

func TestBouncesOfSisimai(t *testing.T) {
	n := measureBounces(t)
	for _, w := range n.wrong {
		t.Log(w)
	}
	if len(n.false) > 0 {
		t.Errorf("letters that were taken for reports: %v", n.false)
	}
	if n.all-n.found > 1 || n.stated-n.right > 1 { // arf-26 asks to be taken off a list
		t.Errorf("%d of %d found, %d of %d recipients right", n.found, n.all, n.right, n.stated)
	}
}
