//go:build !race

package email_test

const slower = 1
