// Package email turns raw mail into a Message and an Outgoing into raw mail, and signs the ids by which a reply
// finds its thread again.
//
// Owns: MIME and header parsing (Parse), HTML sanitising and HTML to text (Sanitise, TextOf), subjects and addresses in
// their comparable form, signed reply addresses and Message-IDs (Signer), composing (Compose).
// Never: I/O, clock, randomness, SES or SMTP, threads, contacts. What to do about a mail is decided by its callers.
// Imported by: functions/ingest, functions/deliver, functions/mailstatus, functions/agentapi, mailer adapters, infra/local.
//
// A mail is what a stranger wrote. Everything that reads one is linear in its length and bounded by package limit, and
// nothing here fails a mail: what could not be understood is a Problem, and the raw mail is kept by the caller.
package email
