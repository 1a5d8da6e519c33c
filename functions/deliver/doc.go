// Package deliver brings the team's messages to people outside, by mail, and tells users by mail of what they have not seen.
//
// Trigger: the outbox stream, jobs of kind mail or notice that are ready. A record says only which thread: what is owed is read.
// Reads: outbox, threads (head and entry), settings (the account), bodies and attachments in the files bucket.
// Writes: outbox (the job's state, before and after the carrier is called), threads (the claim of the id SES gave), sockets (best effort),
// settings: an account's health, hourly, and what the carrier refused of it (best effort).
// Redelivery: does no harm: a job that is final or in another worker's hands is left alone. Jobs of one thread are sent one at a time
// in order of their seq, under a lease; one that waits for another try holds back those behind it, one that is unknown does not.
// A notice is claimed before it is sent and is never tried again after that: it may be lost, and is not told twice.
// Parks: the outcome lives in the job. What the carrier refuses is failed with its reason; what it is too busy for is put off,
// limit.SendAttempts times; what may or may not have been taken is unknown: it waits limit.UnknownWait and is sent once more, and if
// that is in doubt again it is failed with a reason that says so. Only a state that could not be written fails the record.
package deliver
