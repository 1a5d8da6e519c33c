package store

import (
	"context"
	"errors"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/table"
)

// Ledger counts by day and mailbox what became of the mail that came in, so that none can get lost unseen:
//
//	accepted = threaded + filtered + quarantined + dropped + still under way
//
// An Arrival is one mail at one mailbox. It is made, and counted as accepted, before anything is tried with the mail. What ends it moves it from
// one outcome to the next in the transaction that does it, under the arrival's revision: however often a mail comes, and wherever a process dies,
// each arrival stands in one column. Columns are sums of lanes, so that mails at the same time do not wait for each other.
type Ledger struct{ base }

// Outcome is what became of an arrival.
type Outcome string

// The outcomes. Underway is the first one; threaded and filtered are the last.
const (
	Underway    Outcome = "underway"
	Threaded    Outcome = "threaded" // a message of a thread, or news of one of ours
	SetAside    Outcome = "filtered" // a message that the filters put aside
	Parked      Outcome = "quarantined"
	Dropped     Outcome = "dropped" // our own mail come back
	accepted            = "accepted"
	ledgerLanes         = 16
)

// Arrival is one mail at one mailbox.
type Arrival struct {
	Name    string  `json:"-"` // of the claim it is
	Thread  string  `json:"thread"`
	Seq     int64   `json:"seq"`
	Day     string  `json:"day,omitempty"`     // UTC, "2006-01-02"
	Account string  `json:"account,omitempty"` // "": the address is nobody's
	Outcome Outcome `json:"outcome,omitempty"`
	Parked  string  `json:"parked,omitempty"` // id in the quarantine, where it is or was

	rev int64
}

// Done reports whether the mail is in a thread.
func (a Arrival) Done() bool { return a.Thread != "" }

// ErrOvertaken says that an arrival was moved since it was read: read it again.
var ErrOvertaken = errors.New("store: somebody else has dealt with this mail meanwhile")

// MailArrival names the arrival of a mail, by the carrier's id for it, at an account. It is the claim by which a redelivery is known.
func MailArrival(account, carrier string) string { return "mail:" + account + ":" + carrier }

// StrayArrival names the arrival of a mail at an address that is nobody's.
func StrayArrival(address, carrier string) string { return "stray:" + digest(address) + ":" + carrier }

// Accept makes an arrival and counts it, or returns the one that is there.
func (s *Ledger) Accept(ctx context.Context, name, account string, at time.Time) (Arrival, error) {
	a := Arrival{Name: name, Day: at.UTC().Format(time.DateOnly), Account: account, Outcome: Underway}
	err := retry(ctx, limit.CommitBudget, func() error {
		op, err := put(s.n.Threads, table.Absent(), threadKeys.Claim(name), a)
		if err != nil {
			return err
		}
		err = s.t.Transact(ctx, op, s.count(a, map[string]int64{accepted: 1}))
		var c *table.Conflict
		if !errors.As(err, &c) || c.Throttled {
			return err
		}
		a, err = s.Arrival(ctx, name)
		return err
	})
	if a.rev == 0 {
		a.rev = 1
	}
	return a, err
}

// Arrival reads one; fault.NotFound if there is none.
func (s *Ledger) Arrival(ctx context.Context, name string) (Arrival, error) {
	it, err := s.one(ctx, s.n.Threads, threadKeys.Claim(name))
	if err != nil {
		return Arrival{}, err
	}
	if it == nil {
		return Arrival{}, fault.New(fault.NotFound, "There is no such mail.")
	}
	a := Arrival{Name: name, rev: it.Rev}
	err = decode(it, &a)
	return a, err
}

// count is the op that adds to the columns of an arrival's day.
func (s *Ledger) count(a Arrival, columns map[string]int64) table.Op {
	h := fnv.New32a()
	_, _ = h.Write([]byte(a.Name)) // never fails
	return table.Op{
		Table: s.n.Threads, Verb: table.Add, Adds: columns,
		Item: table.Item{Key: ledgerKey(a.Day, a.Account, int(h.Sum32()%ledgerLanes))},
	}
}

// Settled is where an arrival goes: to an entry of a thread, or to quarantine, or nowhere.
type Settled struct {
	Outcome Outcome
	Thread  string
	Seq     int64
	Park    *Quarantined // of an arrival that is parked: its row
}

// Settle moves an arrival outside a commit. ErrOvertaken if it is not any more what it was when it was read.
func (s *Ledger) Settle(ctx context.Context, a Arrival, to Settled) error {
	return retry(ctx, limit.CommitBudget, func() error {
		ops, err := s.moving(ctx, a, to)
		if err != nil || len(ops) == 0 {
			return err
		}
		err = s.t.Transact(ctx, ops...)
		var c *table.Conflict
		if errors.As(err, &c) && !c.Throttled {
			return ErrOvertaken
		}
		return err
	})
}

// Moving is what Do writes beside a commit that settles an arrival at the entry that is the message.
func (s *Ledger) Moving(a Arrival, to Outcome) Beside {
	return AsRead(func(ctx context.Context, thread string, seq int64) ([]table.Op, error) {
		return s.moving(ctx, a, Settled{Outcome: to, Thread: thread, Seq: seq})
	})
}

// moving are the ops that move an arrival. One that was made by an older build is in no column and leaves none.
func (s *Ledger) moving(ctx context.Context, a Arrival, to Settled) ([]table.Op, error) {
	var ops []table.Op
	if to.Outcome != a.Outcome && a.Day != "" {
		columns := map[string]int64{string(to.Outcome): 1}
		if a.Outcome != Underway {
			columns[string(a.Outcome)] = -1
		}
		ops = append(ops, s.count(a, columns))
	}
	was := a
	a.Outcome, a.Thread, a.Seq = to.Outcome, to.Thread, to.Seq
	if to.Park != nil {
		a.Parked = to.Park.ID
	}
	// One that stays as it is, parked once more, is written too if it has a row: that is written with no condition of its own.
	if a != was || a.Parked != "" {
		op, err := put(s.n.Threads, table.RevIs(a.rev), threadKeys.Claim(a.Name), a)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	row, err := s.row(ctx, a, to)
	return append(ops, row...), err
}

// row is the op that makes the quarantine say what an arrival is now, if it has to say anything.
func (s *Ledger) row(ctx context.Context, a Arrival, to Settled) ([]table.Op, error) {
	if a.Parked == "" {
		return nil, nil
	}
	q := Quarantine(*s)
	row, err := q.Get(ctx, a.Parked)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if to.Park != nil {
		park := *to.Park
		if err == nil {
			park.Tries = row.Tries
		}
		row = park
		row.State = QuarantineParked
	} else {
		if err != nil {
			return nil, nil // an old row that somebody deleted
		}
		row.State, row.Thread, row.Outcome = QuarantineResolved, to.Thread, to.Outcome
	}
	row.ChangedAt = s.now().UTC()
	op, err := q.write(table.Any(), row)
	return []table.Op{op}, err
}

// LedgerDay is what became of the mail of one day, in one mailbox or in all.
type LedgerDay struct {
	Day         string `json:"day"` // UTC, "2006-01-02"
	Accepted    int64  `json:"accepted"`
	Threaded    int64  `json:"threaded"`
	Filtered    int64  `json:"filtered"`
	Quarantined int64  `json:"quarantined"`
	Dropped     int64  `json:"dropped"`
	Underway    int64  `json:"underway"`
}

// Plus adds another line of the ledger to this one, and says again what is under way.
func (d LedgerDay) Plus(e LedgerDay) LedgerDay {
	d.Accepted += e.Accepted
	d.Threaded += e.Threaded
	d.Filtered += e.Filtered
	d.Quarantined += e.Quarantined
	d.Dropped += e.Dropped
	d.Underway = d.Accepted - d.Threaded - d.Filtered - d.Quarantined - d.Dropped
	return d
}

// Days returns the last n days, today first, also those without mail; of one account if it is not "".
func (s *Ledger) Days(ctx context.Context, n int, account string) ([]LedgerDay, error) {
	today := s.now().UTC()
	out := make([]LedgerDay, n)
	at := map[string]int{}
	for i := range n {
		out[i].Day = today.AddDate(0, 0, -i).Format(time.DateOnly)
		at[out[i].Day] = i
	}
	first := out[n-1].Day
	for month := first[:7]; ; {
		err := s.month(ctx, month, func(day, of string, line LedgerDay) {
			if i, ok := at[day]; ok && (account == "" || account == of) {
				out[i] = out[i].Plus(line)
			}
		})
		if err != nil || month == out[0].Day[:7] {
			return out, err
		}
		next, err := time.Parse("2006-01", month)
		if err != nil {
			return nil, err
		}
		month = next.AddDate(0, 1, 0).Format("2006-01")
	}
}

// month reads every lane of a month.
func (s *Ledger) month(ctx context.Context, month string, each func(day, account string, line LedgerDay)) error {
	q := table.Query{Table: s.n.Threads, PK: ledgerKey(month+"-01", "", 0).PK, Consistent: true}
	for {
		page, err := s.t.Query(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Items {
			var line LedgerDay
			if err := decode(&page.Items[i], &line); err != nil {
				return err
			}
			day, rest, _ := strings.Cut(page.Items[i].SK, "#")
			each(month+"-"+day, rest[:max(0, strings.LastIndexByte(rest, '#'))], line)
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// ledgerKey: a month is one partition, "-" stands for the addresses that are nobody's.
func ledgerKey(day, account string, lane int) table.Key {
	if account == "" {
		account = "-"
	}
	return table.Key{PK: "LEDGER#" + day[:7], SK: day[8:] + "#" + account + "#" + strconv.Itoa(lane)}
}
