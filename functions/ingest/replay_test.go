package ingest_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/shared/email"
	"parley/shared/store"
)

// corpus are all mails of shared/email's corpora, by what identifies a mail however often it is brought: its Message-ID and body. Left out are
// answers to an id that different mails bear, as test sets do and RFC 5322 §3.6.4 forbids: what becomes of those depends on the order, and is
// TestOneIDOfTwoMails.
func corpus(t *testing.T) (mails []mail, identity map[string]string) {
	t.Helper()
	identity = map[string]string{}
	bodies := map[string]map[string]bool{} // by Message-ID
	parsed := map[string]email.Message{}   // by id of the mail
	root := "../../shared/email/testdata/corpora"
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || e.IsDir() || ext != ".eml" && ext != ".raw" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		id := strings.NewReplacer("/", "-", " ", "-").Replace(name)
		m := email.Parse(raw)
		parsed[id] = m
		identity["in/"+id] = id
		if m.MessageID != "" {
			identity["in/"+id] = m.MessageID + " " + m.BodyHash
			if bodies[m.MessageID] == nil {
				bodies[m.MessageID] = map[string]bool{}
			}
			bodies[m.MessageID][m.BodyHash] = true
		}
		from := m.From.Email
		if from == "" || m.Bounce {
			from = "<>"
		}
		mails = append(mails, mail{id: id, from: from, raw: string(raw)})
		return nil
	})
	if err != nil || len(mails) < 380 {
		t.Fatal(len(mails), err)
	}
	all := len(mails)
	mails = slices.DeleteFunc(mails, func(m mail) bool {
		p := parsed[m.id]
		return slices.ContainsFunc(slices.Concat(p.InReplyTo, p.References), func(id string) bool { return len(bodies[id]) > 1 })
	})
	if all-len(mails) > 1 {
		t.Fatalf("%d of %d mails are left out", all-len(mails), all)
	}
	return mails, identity
}

// outcome is everything that a replay must not change: which mails stand in one thread, which wait in quarantine, what the ledger says.
type outcome struct {
	Threads []string
	Waiting []string
	Ledger  store.LedgerDay
}

func (d *desk) outcome(t *testing.T, identity map[string]string) outcome {
	t.Helper()
	var out outcome
	for _, head := range d.all(t) {
		var mails []string
		for _, e := range d.entries(t, head.ID) {
			if e.Received != nil {
				mails = append(mails, identity[e.Received.Email.Raw])
			}
		}
		slices.Sort(mails)
		out.Threads = append(out.Threads, strings.Join(mails, "\n"))
	}
	for cursor := ""; ; {
		list, next, err := d.st.Quarantine.List(t.Context(), false, cursor, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range list {
			out.Waiting = append(out.Waiting, identity[q.Raw]+": "+q.Reason)
		}
		if cursor = next; next == "" {
			break
		}
	}
	slices.Sort(out.Threads)
	slices.Sort(out.Waiting)
	out.Ledger = d.ledger(t)
	return out
}

// A corpus replayed in order, twice, shuffled and all at once gives the same threads and the same ledger.
func TestReplay(t *testing.T) {
	mails, identity := corpus(t)
	first := open(t)
	first.take(t, mails...)
	want := first.outcome(t, identity)
	if n := int64(len(mails)); want.Ledger.Accepted != n || want.Ledger.Underway != 0 || len(want.Threads) < 50 || len(want.Waiting) < 50 {
		t.Fatalf("%d mails: %d threads, %d wait, %+v", n, len(want.Threads), len(want.Waiting), want.Ledger)
	}
	same := func(t *testing.T, d *desk) {
		t.Helper()
		if diff := cmp.Diff(want, d.outcome(t, identity)); diff != "" {
			t.Errorf("(-in order +now):\n%s", diff)
		}
	}
	t.Run("twice", func(t *testing.T) {
		first.take(t, mails...)
		same(t, first)
	})
	for seed := range uint64(6) {
		shuffled := slices.Clone(mails)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		t.Run("shuffled", func(t *testing.T) {
			d := open(t)
			d.take(t, shuffled...)
			same(t, d)
		})
	}
	t.Run("at once", func(t *testing.T) {
		d := open(t)
		d.atOnce(t, append(slices.Clone(mails), mails...))
		same(t, d)
	})
}

// Different mails that bear one Message-ID are kept beside each other. Which of them an answer means nobody can tell: it joins the first
// that came; and if it came before them, they join it.
func TestOneIDOfTwoMails(t *testing.T) {
	one := mail{id: "one", raw: letter(lena, "same@x.example", "One", "the first body")}
	two := mail{id: "two", from: "karl@other.example", raw: letter("Karl <karl@other.example>", "same@x.example", "Two", "the second body")}
	answer := mail{id: "answer", raw: letter(lena, "answer@x.example", "Re: One", "an answer", "In-Reply-To: <same@x.example>")}
	for name, c := range map[string]struct {
		order []mail
		want  []string
	}{
		"one first":        {[]mail{one, two, answer}, []string{"one answer", "two"}},
		"two first":        {[]mail{two, one, answer}, []string{"one", "two answer"}},
		"answer between":   {[]mail{two, answer, one}, []string{"one", "two answer"}},
		"the answer first": {[]mail{answer, one, two}, []string{"answer one two"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			for range 2 { // brought again, nothing changes
				d.take(t, c.order...)
				var got []string
				for _, head := range d.all(t) {
					var mails []string
					for _, e := range d.entries(t, head.ID) {
						if e.Received != nil {
							mails = append(mails, strings.TrimPrefix(e.Received.Email.Raw, "in/"))
						}
					}
					got = append(got, strings.Join(mails, " "))
				}
				slices.Sort(got)
				if !slices.Equal(got, c.want) {
					t.Errorf("threads %q, want %q", got, c.want)
				}
			}
		})
	}
}
