// Package inbox is the heart of the domain: inboxes, their accounts, and threads with their log.
//
// Owns: what a thread is (Thread, the fold of its entries), which commands it accepts and what they cause (facts and jobs).
// Never: clock, randomness, I/O, AWS, store. Ids and times come in with the command.
// Imported by: store, functions, people.
//
// Rules of a thread:
//  1. It begins with ThreadOpened and keeps its account and channel; its inbox changes only where somebody moves it. Its contact changes only where somebody says who is meant,
//     and then answers go to that one.
//  2. Entries are numbered from 1 without gaps; the head is the fold of them and nothing else.
//  3. A message from a person reopens a closed thread; an automatic one joins it and changes nothing.
//  4. A reply needs text and at least one recipient, and owes exactly one delivery. It reopens a closed thread. In a chat it needs no
//     recipient: the visitor reads it in the widget. One who left an address is named, and a delivery is owed in case they are gone.
//  5. A comment never leaves the house and never changes the status.
//  6. A third party's message is shown, but answers keep going to whom they went, and whom it names does not join.
//  7. A message that came back reopens a closed thread: nobody has been answered. A complaint changes nothing but the log.
//  8. Saying what is already so (closing a closed thread, assigning its owner again) causes no fact.
//  9. A message that the filters put aside opens its thread in their folder; in a thread that stands in the inbox it is shown, and changes nothing.
//     One that passes them brings a filtered thread back. Spam stays spam until an agent says otherwise or answers it.
//  10. A withdrawn message has been received by nobody: what it had answered waits again, whom it alone named is not on the thread, and a thread
//     that began with it is closed. Only a held message can be withdrawn, until its delivery is released.
//  11. A forward shows a message to people who are not on the thread, and changes nothing else: it answers nobody, reopens nothing, its readers do
//     not join, it does not carry the thread's signed reply address, and none that the message quotes. What they answer finds the thread by
//     its ids and is a third party's (rule 6): nobody who was let read one message can speak for, or be answered with, the others.
//  12. A message that did not reach somebody stands out (undelivered) until an agent answers, retries, closes, or says that it is seen to.
//  13. Who answers a thread that nobody owns takes it. An owner is a user; a team stands beside, and stays when the owner changes.
//  14. A snoozed thread is open and out of sight: it weighs on nobody, and comes back when its time has come, when a person writes, or when a
//     message of ours comes back. Closing ends a snooze.
//  15. Who is called by a comment is reminded until they have spoken or said that they have seen it, whatever becomes of the thread.
//  16. A thread that begins, comes back from a folder, or is moved, and is nobody's, wants an owner; so does whatever a message reopens, because
//     its owner may have left.
package inbox
