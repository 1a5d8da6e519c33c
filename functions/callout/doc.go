// Package callout tells users' devices what they want to be told while no page is open, through the push services of their browsers.
//
// Trigger: the outbox stream, jobs of kind push that are ready.
// Reads: the job again (outbox), the key that signs who sends. The service is a stranger's server: it is asked once, for five seconds, with what
// it cannot read. Nothing else of the product is within reach.
// Writes: outbox: the job goes once it was told or is not worth telling; the device goes once its service knows no such subscription any more.
// Redelivery: tells again; what has the id of an entry is shown once.
// Parks: nothing. What no service took is due later, limit.PushAttempts times within limit.PushLife, and sweep wakes it; then it goes: the list
// has the notice, and a mail tells of it if one was wanted. Only a state that could not be written fails the record.
package callout
