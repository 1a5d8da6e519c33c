// Package mailstatus learns what became of the mail we sent.
//
// Trigger: SES's events of our configuration set, through EventBridge, asynchronously.
// Reads: outbox (the delivery that the message's tags name), threads (the entry, for a bounce or a complaint).
// Writes: threads (facts MessageBounced and MessageComplained; the claim of SES's id, where deliver could not write it), outbox (recipient
// states; a delivery that was in doubt is sent, because SES says so), sockets (best effort).
// Redelivery: does no harm: SES repeats itself and keeps no order. A fact has an idempotency key for its delivery, address and kind, and is
// written before the recipient's state: a crash in between repeats the first and finds it done. States only ever rise (inbox.Delivery.Hear).
// Parks: what fails three times goes to the failures bucket. Mail without our tags, and of threads that are gone, is passed over.
package mailstatus
