// Package agentapi is the door for agents and their programs: the HTTP API under /api.
//
// Trigger: HTTP API, payload format 2.0. A JWT authorizer has verified the token on every route but five; the function reads what it
// verified from the event and refuses a request that came without (401).
//
// Reads: threads, deliveries (outbox), settings, contacts' names as heads remember them; raw mail and files through short-lived links.
// Writes: facts of replies, comments, owners and status through Threads.Do; long texts to the files bucket before the commit;
// read marks; users at sign-in; one-use tickets for sockets.
//
// Redelivery: API Gateway does not repeat a request, browsers and programs do. POSTs of messages and comments carry an Idempotency-Key:
// the same key and content answer the first result again (Idempotent-Replayed: true), the same key with other content is refused.
// PUTs say what shall be and cause nothing when it is so; with If-Match they are refused once somebody was faster (412).
//
// Parks: nothing. What cannot be done is answered as application/problem+json; an internal error is logged with the request's id.
//
// Who may: every signed-in user works in every inbox (members come with a later part). A token whose user is not known yet creates the
// user from its claims if it carries an email address, so that programs need no browser; Amazon Cognito's plain access tokens carry
// none, and their users sign in once through POST /api/session.
//
// Admins invite people (the directory makes the account, settings keep the role) and disable them. Every call of a disabled user is
// refused here, whatever their token says; other processes of this function know within ten seconds, the life of their copy of the
// settings. A socket that was open already is not closed: it hears on until it reconnects, two hours at most.
package agentapi
