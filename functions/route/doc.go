// Package route finds threads an owner.
//
// Trigger: the stream of assignments, jobs that are ready. A record says only which thread: what is owed is read.
// Reads: assignments (the job, whose turn it is), threads (head, the first message, what weighs on whom), settings (rules, users, teams, hours),
// contacts (properties and owner), long first messages in the files bucket.
// Writes: threads (thread.assigned, with who was chosen, who was passed over and why), assignments (the job goes in the same transaction; whose
// turn it was).
// Redelivery: does no harm: the job is gone, or the thread has an owner. Two at once for the same people: what weighs on the chosen one, and whose
// turn it was, are conditions of the commit, and who loses decides again on what is true then. So nobody is given more than they can hold.
// Parks: nobody can take it: the job stays, the thread says why, and sweep brings it again. What can never be routed is dropped: it is in
// everybody's view of what is nobody's.
package route
