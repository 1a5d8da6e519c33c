// Package channel is what an email account needs of the world outside, and what is still wrong with it.
//
// Owns: Health (what was seen of an account's mail), Checks (facts of DNS, the carrier and the last test in; sentences, and the record
// or step that mends it, out), Of (the account in one sentence). Never: DNS, SES, clock, store.
// Imported by: store, functions.
//
// A check says what is so (Code, with its Args) and what that means (State). Text is the sentence in English; pages have it in their own
// language by the code. Nobody is told that something is wrong because it could not be looked at: that is Unknown, and says so.
package channel
