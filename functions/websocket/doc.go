// Package websocket is the door of the sockets: who may open one, and what it hears.
//
// Trigger: the WebSocket API's routes $connect, $disconnect and $default.
//
// Reads: one-use tickets, connections, and of a thread that is watched the head and the entries its client lacks.
// Writes: the connection's row at $connect, watch rows at "watch" and "unwatch", nothing at "ping". It never posts to a connection
// inside $connect: API Gateway opens it only after the answer.
//
// Frames are JSON, their shapes are package live's. From the client:
//
//	{"action":"watch","topics":[{"topic":"inbox:<id>"},{"topic":"thread:<id>","after":<seq it has>}]}
//	{"action":"watch","topics":["me"]}    the caller's own notices
//	{"action":"unwatch","topics":["thread:<id>"]}
//	{"action":"ping"}
//
// A watch is answered by "watching" once its rows are written, and only then come the entries behind after: what is committed in
// between arrives twice rather than not at all, and clients drop what they have by seq. More than limit.EntryPageMax missing entries
// become one "sync": the page fetches the thread again. Caught-up entries carry no deliveries: the outbox is not this function's, and
// a page that was away reads them with the thread.
//
// Redelivery: API Gateway sends a frame once. $disconnect may be lost: rows expire (limit.SocketRowLife), and whoever posts to a dead
// connection forgets it.
//
// Parks: nothing. A frame that cannot be served is answered by an "error" frame; a connection that is not known (any more) is closed,
// so that its client comes again with a new ticket. Every refusal leaves one log line (refused, door, action, code), to be counted.
package websocket
