//go:build !unix

package email_test

import "time"

var begun = time.Now()

// processorTime is the time that has passed, where the system does not say whose it was.
func processorTime() time.Duration { return time.Since(begun) }
