// Package visitor is what the two doors of visitors share, HTTP (visitorapi) and sockets (websocket): who a browser is, which conversation
// is its, and how what it says becomes a message.
//
// Owns: the visitor's signed token, Desk. Never: HTTP, sockets, rules of threads. Imported by: visitorapi, websocket.
package visitor
