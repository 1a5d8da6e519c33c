// Package inbox is the heart of the domain: inboxes, their accounts, and threads with their log.
//
// Owns: what a thread is (Thread, the fold of its entries), which commands it accepts and what they cause (facts and jobs).
// Never: clock, randomness, I/O, AWS, store. Ids and times come in with the command.
// Imported by: store, functions, people.
//
// Rules of a thread:
//  1. It begins with ThreadOpened and keeps its inbox, account, channel and contact.
//  2. Entries are numbered from 1 without gaps; the head is the fold of them and nothing else.
//  3. A message from a person reopens a closed thread; an automatic one joins it and changes nothing.
//  4. A reply needs text and at least one recipient, and owes exactly one delivery. It reopens a closed thread.
//  5. A comment never leaves the house and never changes the status.
//  6. A third party's message is shown, but answers keep going to whom they went, and whom it names does not join.
//  7. A message that came back reopens a closed thread: nobody has been answered. A complaint changes nothing but the log.
//  8. Saying what is already so (closing a closed thread, assigning its owner again) causes no fact.
package inbox
