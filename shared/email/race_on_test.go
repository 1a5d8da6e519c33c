//go:build race

package email_test

// slower is how much more time and memory the race detector may cost.
const slower = 50
