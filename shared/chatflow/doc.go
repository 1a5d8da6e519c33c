// Package chatflow is the domain of what greets a visitor: live chats (and, later, bots) on the pages that Targeting chooses.
//
// Owns: Widget (how one chat account looks and where it may stand), Flow, Targeting and the choice among flows with its reasons.
// Never: clock, randomness, I/O, store. Imported by: store, functions.
//
// The browser chooses by the same rules (web/core/targeting.ts), so that a page without a flow costs no request;
// testdata/targeting.json holds both to the same answers.
package chatflow
