// Package notify tells the sockets what changed: it is the guarantee behind what doors push best effort.
//
// Trigger: the stream of threads, head records only (their commit carries the entries). The records of a batch that are of one thread
// are one change: from the first one's old seq to the last one's new seq.
// Reads: threads (entries, consistently), sockets (watchers, what doors noted as pushed), settings (who works where, who wants to be told what).
// Writes: notices of users (threads), a mail that tells of one if it is not seen (outbox), sockets (closed connections are forgotten).
// Redelivery: frames come twice; clients drop what they have by seq. A notice has the key of its user and entry: it is told once.
// Parks: what can never be told (a coded error, a record that cannot be read) is logged and passed over: whoever sees a gap asks.
// Any other error makes the batch come again from that record.
package notify
