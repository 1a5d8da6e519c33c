// Package ingest is the door for mail: what SES received becomes messages of threads.
//
// Trigger: the mail queue; a body is SES's notification of an S3 action, raw or in SNS's envelope. The raw mail is in the mail bucket.
// Reads: settings (mailboxes), threads (claims, heads), contacts, the raw mail.
// Writes: threads (one Threads.Do for each mailbox), contacts, bodies and attachments in the files bucket, quarantine, sockets (best effort).
// Redelivery: does no harm. What is stored before the commit has keys made from SES's id and the mailbox, so it is written again in
// the same place; the commit claims the mail's names, so a second one finds them taken. These are claims and not Do's idempotency
// keys because keys are kept 7 days (limit.IdempotencyLife) and the queue keeps a mail 14, a quarantine for ever.
// Parks: mail that can never become a message (fault.Invalid from anything) goes to quarantine with the reason; the raw mail is
// always kept. Any other error leaves the message in the queue, which gives up into its dead letters.
//
// Some mail is about an account (channel.go). A test mail of ours is noted and is no message. A provider's confirmation mail is noted for the
// admin and is a message too. A paused account's mail is taken: what continues a conversation joins it, what begins one waits in Filtered with
// the reason "paused". Mail to a disconnected account goes to quarantine as "no such mailbox"; answers to its conversations still find them.
//
// Rules are numbered as in the decision table of the mail reference; what a mail was taken for is on its entry as Why:
// "token", "in-reply-to", "references", "referenced" (an answer to it came before it did), "new". Answers to a mail that never came here stay
// together only among those who speak to each other: the readers of a newsletter are strangers.
package ingest
