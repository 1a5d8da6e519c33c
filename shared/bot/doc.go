// Package bot is where bots meet conversations: what is so when a turn is taken, and what a turn makes of its thread.
//
// Owns: Desk. Never: the rules of a walk (chatflow), keys (store), what is done outside of the thread (functions/turn). Imported by: visitor, functions.
//
// A conversation with a bot begins with what the bot says before anybody has written: the door of visitors takes that turn in the commit of the
// first message, so that the log reads as it was. All further turns are functions/turn's.
package bot
