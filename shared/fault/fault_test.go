package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"parley/shared/fault"
)

func TestCodes(t *testing.T) {
	coded := fault.Wrap(io.EOF, fault.Busy, "SES is %s", "throttling")
	for _, c := range []struct {
		err  error
		want fault.Code
	}{
		{nil, ""},
		{io.EOF, fault.Internal},
		{coded, fault.Busy},
		{fmt.Errorf("deliver: %w", coded), fault.Busy},
		{fault.Wrap(coded, fault.Gone, "outer wins"), fault.Gone},
	} {
		if got := fault.CodeOf(c.err); got != c.want {
			t.Errorf("CodeOf(%v) = %q, want %q", c.err, got, c.want)
		}
	}
	if !errors.Is(coded, io.EOF) {
		t.Error("the cause is lost")
	}
	if got := fault.MessageOf(fmt.Errorf("x: %w", coded)); got != "SES is throttling" {
		t.Errorf("message %q", got)
	}
	if got := fault.MessageOf(errors.New("password hunter2 refused")); got == "" || got == "password hunter2 refused" {
		t.Errorf("an internal error's text leaves the house: %q", got)
	}
}
