// Package receipt is the port on the rules by which SES takes mail. Local mode's mail door plays them.
//
// Owns: what a rule of ours is. Never: which set it goes to (functions/mailrule).
// Imported by: functions/mailrule, adapters, host, infra/local.
package receipt

import "context"

// Rule takes the mail of some domains: the raw message goes to a bucket, and word of it to a topic.
type Rule struct {
	Name    string   // unique in its set: [A-Za-z0-9_.-], at most 64
	Domains []string // every address of them; limit.RuleDomains at most
	Bucket  string
	Prefix  string // of object keys; SES's message id follows
	Topic   string // ARN
}

// Rules are the rule sets of one account and region, of which one at most is active. Unless said otherwise, an error is uncoded.
type Rules interface {
	// Active names the active set, "" if there is none.
	Active(ctx context.Context) (set string, err error)
	// Create makes an empty set; one that is there is left as it is.
	Create(ctx context.Context, set string) error
	// Activate makes a set the active one, and any other inactive.
	Activate(ctx context.Context, set string) error
	// Put makes a rule the first of its set, or changes it where it stands. fault.Busy: SES may not write to bucket or topic, perhaps
	// not yet. fault.NotFound: there is no such set.
	Put(ctx context.Context, set string, r Rule) error
	// Remove takes a rule away; one that is gone, or whose set is, is no error.
	Remove(ctx context.Context, set, rule string) error
}
