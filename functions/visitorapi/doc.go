// Package visitorapi is the door for visitors of the team's pages: what the widget needs before it has a socket, and instead of one.
//
// Trigger: HTTP API, payload format 2.0, routes below /api/visitor, without the gateway's authorizer: a visitor has no account. Who they are
// says a token of ours (package visitor); which pages may ask, the chat account's widget (Origin, checked here on every request; CORS without
// credentials).
//
// Reads: settings (accounts, widgets, flows, users), sockets (who is there), contacts, a visitor's own threads, agents' pictures, files that bots give away.
// Writes: messages through Threads.Do; the visitor's contact; one-use tickets for sockets; at most once an hour where a widget was seen.
//
// Redelivery: browsers repeat. A message carries the browser's own id and is taken once.
//
// Parks: nothing. Errors are application/problem+json.
package visitorapi
