// Package turn takes bots' turns.
//
// Trigger: the stream of assignments, bots' jobs that are ready: something has happened in a thread that a bot has. A record says only which
// thread; what there is to hear is read from the log, behind what the session has heard.
// Reads: assignments (job, session), threads (head, entries), settings (chatflows, published versions, hours, users, teams), contacts, sockets
// (who is there).
// Writes: threads (what the bot says, its end, hand-off, tags, priority), and in the same transaction assignments (session, record of the turn,
// numbers, who is to be found an owner); contacts (answers, consent, lists). Asks servers of the team's, and runs the team's code in a sandbox.
// Redelivery: a turn holds only for the session that it was taken for, so of two workers one is overtaken and looks again. What is done outside
// of the thread is done before its result is taken: a crash in between does it again, with the same id.
// Parks: nothing. A job whose worker died is due after a minute, and sweep brings it again; so does the end of a visitor's silence.
package turn
