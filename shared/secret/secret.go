// Package secret is the port to signing keys and channel tokens: SSM SecureStrings on AWS, a file of mode 0600 in local mode.
//
// Owns: find and create-once. Never: what a secret is for. Imported by: functions, adapters, host, infra/local.
package secret

import "context"

// MailSigningKey names the key that signs reply addresses and Message-IDs (email.Signer): ingest and deliver must agree.
const MailSigningKey = "mail-signing-key"

// VisitorKey names the key that signs visitors' tokens (visitor.Signer).
const VisitorKey = "visitor-key"

// ImageSigningKey names the key that signs the addresses of remote pictures (remote.Signer): agentapi makes it, imageproxy only finds it.
const ImageSigningKey = "image-signing-key"

// WebhookKey names the key that signs what bots tell servers of the team's (chatflow.Sign): admins see it.
const WebhookKey = "webhook-key"

// IdentityKey names the key that the secrets come from by which the team's pages vouch for visitors (visitor.IdentitySecret).
const IdentityKey = "identity-key"

// PushKey names the key that says to browsers' push services who sends (webpush.Key).
const PushKey = "push-key"

// Store reads secrets by name.
type Store interface {
	// Key returns 32 random bytes kept under name, creating them the first time. Two callers at once get the same bytes.
	Key(ctx context.Context, name string) ([]byte, error)
	// Find returns what Key keeps under name, and is fault.NotFound while there is nothing: it never creates.
	Find(ctx context.Context, name string) ([]byte, error)
}
