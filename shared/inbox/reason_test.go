package inbox_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parley/shared/inbox"
)

func TestReasonOf(t *testing.T) {
	for _, c := range []struct {
		kind, status, said string
		want               inbox.Reason
	}{
		{"Permanent/NoEmail", "", "", inbox.NoSuchAddress},
		{"Permanent/General", "5.1.1", "smtp; 550 5.1.1 user unknown", inbox.NoSuchAddress},
		{"Permanent/General", "5.1.1", "", inbox.NoSuchAddress},
		{"Permanent/General", "5.3.0", "smtp; 550 5.1.1 <x@y>: no such user", inbox.NoSuchAddress}, // the server's words are more exact
		{"Permanent/General", "5.1.2", "", inbox.NoSuchDomain},
		{"Permanent/General", "5.4.4", "", inbox.NoSuchDomain},
		{"Permanent/General", "5.2.1", "", inbox.MailboxDisabled},
		{"Permanent/General", "5.2.2", "", inbox.MailboxFull},
		{"Permanent/General", "5.2.3", "", inbox.TooLarge},
		{"Permanent/General", "5.3.4", "", inbox.TooLarge},
		{"Permanent/General", "5.4.7", "", inbox.GaveUp},
		{"Permanent/General", "5.4.1", "", inbox.Unreachable},
		{"Permanent/General", "5.6.1", "", inbox.ContentRefused},
		{"Permanent/General", "5.7.1", "smtp; 550 5.7.1 Message rejected as spam by Content Filtering.", inbox.TakenForSpam},
		{"Permanent/General", "5.7.1", "smtp; 554 5.7.1 Client host blocked", inbox.SenderBlocked},
		{"Permanent/General", "5.7.26", "", inbox.SenderUnproven},
		{"Permanent/General", "", "smtp; 550 no thanks", inbox.Unsaid},
		{"Permanent/General", "", "connect to 10.5.1.1 failed", inbox.Unsaid}, // an address is no status
		{"Permanent/Suppressed", "", "", inbox.Suppressed},
		{"Permanent/OnAccountSuppressionList", "5.1.1", "x", inbox.Suppressed},
		{"Permanent/UnsubscribedRecipient", "", "", inbox.Unsubscribed},
		{"Transient/General", "", "", inbox.PerhapsAutoReply},
		{"Transient/General", "4.2.2", "", inbox.MailboxFull},
		{"Transient/MailboxFull", "", "", inbox.MailboxFull},
		{"Transient/MessageTooLarge", "", "", inbox.TooLarge},
		{"Transient/ContentRejected", "", "", inbox.ContentRefused},
		{"Transient/AttachmentRejected", "", "", inbox.FileRefused},
		{"Undetermined/Undetermined", "", "", inbox.Unsaid},
		{"Delay/MailboxFull", "4.2.2", "", inbox.MailboxFull},
		{"Delay/TransientCommunicationFailure", "", "", inbox.Unreachable},
		{"Delay/General", "4.4.1", "", inbox.Unreachable},
		{"Delay/General", "", "smtp; 421 try later", inbox.ServerBusy},
		{"", "5.1.1", "", inbox.NoSuchAddress}, // of a report that came as mail
		{"", "", "", inbox.Unsaid},
	} {
		if got := inbox.ReasonOf(c.kind, c.status, c.said); got != c.want {
			t.Errorf("%q %q %q: %s, want %s", c.kind, c.status, c.said, got, c.want)
		}
	}
}

// Whatever a server says, the word is one of those that pages know.
func TestReasonsAreKnown(t *testing.T) {
	known := inbox.Reasons()
	seen := map[inbox.Reason]bool{}
	for _, r := range known {
		if r == "" || seen[r] {
			t.Errorf("%q is empty or stands twice", r)
		}
		seen[r] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		status := rapid.StringMatching(`[245]\.[0-9]{1,3}\.[0-9]{1,3}`).Draw(t, "status")
		if got := inbox.ReasonOf("Permanent/General", status, rapid.String().Draw(t, "said")); !slices.Contains(known, got) {
			t.Fatalf("%s is %q", status, got)
		}
	})
}
