// Package agentapi is the door for agents and their programs: the HTTP API under /api.
//
// Trigger: HTTP API, payload format 2.0. A JWT authorizer has verified the token on every route but five; the function reads what it
// verified from the event and refuses a request that came without (401).
//
// Reads: threads, deliveries (outbox), settings, contacts, companies and lists; raw mail and files through short-lived links.
// Writes: facts of messages, comments, owners, teams, tags, priority, snoozes, inboxes and status through Threads.Do; settings, each change with
// its record in the same transaction; long texts, HTML and files to the files bucket before the commit;
// contacts of whom we write to first; the end of a hold, and retries (outbox); drafts, read marks; users at sign-in; one-use tickets for sockets.
//
// Redelivery: API Gateway does not repeat a request, browsers and programs do. POSTs of messages and comments carry an Idempotency-Key:
// the same key and content answer the first result again (Idempotent-Replayed: true), the same key with other content is refused.
// PUTs say what shall be and cause nothing when it is so; with If-Match they are refused once somebody was faster (412).
//
// Sending: what a composer shows is what is sent, less what our policy does not let through (shared/email): nothing is added here, no signature
// either; GET /api/me and the accounts offer one for the composer to put in. Files go straight to the bucket by short-lived links and are
// copied to the thread with the sending. With undo a message is committed at once and its delivery held: release, withdraw and the clock race for
// it, and one wins (store.Outbox). A draft goes in the transaction of the message that it became, unless another tab has changed it.
//
// Parks: nothing. What cannot be done is answered as application/problem+json; an internal error is logged with the request's id.
// What a message is refused for, word for word: infra/local/flows/testdata/refusals.json.
//
// Who may: one table, permissions.go, says for every operation which role is the least and whether the inbox that its path names must be visible,
// or the caller's own; the middleware enforces it before a handler runs, and what stands in no row is refused. Who does not see an inbox hears
// that it is not there; admins, managers and viewers see all of them, and nobody works in one they do not belong to. Inboxes that a body names
// (bulk, moving, a new thread) are checked where they are read. A token whose user is not known yet creates the
// user from its claims if it carries an email address, so that programs need no browser; Amazon Cognito's plain access tokens carry
// none, and their users sign in once through POST /api/session.
//
// Admins invite people (the directory makes the account, settings keep the role) and disable them. Every call of a disabled user is
// refused here, whatever their token says; other processes of this function know within ten seconds, the life of their copy of the
// settings. A socket that was open already is not closed: it hears on until it reconnects, two hours at most; so does one of somebody who lost
// an inbox.
package agentapi
