// Package secret is the port to signing keys and channel tokens: SSM SecureStrings on AWS, a file of mode 0600 in local mode.
//
// Owns: read and create-once. Never: what a secret is for. Imported by: functions, adapters, host, infra/local.
package secret

import "context"

// MailSigningKey names the key that signs reply addresses and Message-IDs (email.Signer): ingest and deliver must agree.
const MailSigningKey = "mail-signing-key"

// Store reads secrets by name.
type Store interface {
	// Key returns 32 random bytes kept under name, creating them the first time. Two callers at once get the same bytes.
	Key(ctx context.Context, name string) ([]byte, error)
}
