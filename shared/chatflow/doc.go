// Package chatflow is the domain of what greets a visitor: live chats on the pages that Targeting chooses, and the engine of bots.
//
// Owns: Widget (how one chat account looks and where it may stand), Flow, Targeting and the choice among flows with its reasons; of bots Graph,
// its Checkup, and Take: what one input makes of a Session.
// Never: clock, randomness, I/O, store. Imported by: store, functions.
//
// The browser chooses by the same rules (web/core/targeting.ts), so that a page without a flow costs no request;
// testdata/targeting.json holds both to the same answers.
//
// Bots: the engine is here and whole, but no function takes turns yet, so no Flow is a bot and nothing outside can reach it. A worker has to:
// commit a Turn only if the stored session still has the Number that it was taken for, in the transaction that writes its lines and its effects
// on the thread; do an Awaited effect after that, by its ID, and give what came of it to the next turn (code: shared/script); keep a Record of
// each turn, for Replay. TestOneWalkWhateverHappens is such a worker. There is no step yet for what does not exist: tickets, articles, and lists
// that somebody can be added to.
package chatflow
