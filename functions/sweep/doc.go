// Package sweep wakes what is due or overdue, once a minute.
//
// Trigger: the clock.
// Reads: outbox (the due index).
// Writes: outbox: a due job becomes ready, so that the stream brings it to its worker.
// Redelivery: does no harm: a worker that is woken twice sees that nothing is owed. Two sweeps at once lose a race and go on.
// Parks: nothing. What a run does not reach within its time the next one finds.
//
// Each run logs one figure: stuck, the jobs that are overdue by more than limit.StuckAfter.
package sweep
