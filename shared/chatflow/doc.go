// Package chatflow is the domain of what greets a visitor: live chats on the pages that Targeting chooses, and the engine of bots.
//
// Owns: Widget (how one chat account looks and where it may stand), Flow, Targeting and the choice among flows with its reasons; of bots Graph,
// its Checkup, and Take: what one input makes of a Session.
// Never: clock, randomness, I/O, store. Imported by: store, functions.
//
// The browser chooses by the same rules (web/core/targeting.ts), so that a page without a flow costs no request;
// testdata/targeting.json holds both to the same answers.
//
// Bots: Take is the engine. A worker (functions/turn; TestOneWalkWhateverHappens is one in small) commits a Turn only if the stored session still
// has the Number that it was taken for, in the transaction that writes its lines and its effects on the thread; does an Awaited effect after that,
// by its ID, and gives what came of it to the next turn; and keeps a Record of each turn, for Replay.
package chatflow
