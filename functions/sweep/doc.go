// Package sweep wakes what is due or overdue, once a minute.
//
// Trigger: the clock.
// Reads: outbox, assignments and threads (their due indexes), settings (handovers, rules, who is away), threads of who leaves or is away; files of
// contacts that are taken in.
// Writes: outbox (deliveries, mails and pushes of notices) and assignments: a due job becomes ready, so that the stream brings it to its worker. Threads: a snooze ends, a leaver's
// conversations go to others; assignments: what waits for an answer of somebody who has been away too long is to find another owner.
// People (shared/clerk): contacts from files, and those taken out again; who is erased goes from every table and both buckets.
// Redelivery: does no harm: a worker that is woken twice sees that nothing is owed. Two sweeps at once lose a race and go on.
// Parks: nothing. What a run does not reach within its time the next one finds; one kind of work that fails leaves the others alone.
//
// Each run logs one figure: stuck, the deliveries that are overdue by more than limit.StuckAfter, and the threads that route has not
// looked at for as long.
package sweep
