package host_test

import (
	"errors"
	"fmt"
	"testing"

	"parley/shared/fault"
	"parley/shared/host"
)

func TestStatusOf(t *testing.T) {
	for code, want := range map[fault.Code]int{
		fault.Invalid: 422, fault.Denied: 403, fault.NotFound: 404, fault.Conflict: 409, fault.Gone: 410, fault.Busy: 503,
	} {
		err := fmt.Errorf("around: %w", fault.New(code, "x"))
		if got := host.StatusOf(err); got != want {
			t.Errorf("StatusOf(%s) = %d, want %d", code, got, want)
		}
		if got := host.CodeOfStatus(want); got != code {
			t.Errorf("CodeOfStatus(%d) = %s, want %s", want, got, code)
		}
	}
	if got := host.StatusOf(errors.New("disk")); got != 500 {
		t.Errorf("StatusOf(uncoded) = %d", got)
	}
	for status, want := range map[int]fault.Code{400: fault.Invalid, 401: fault.Denied, 405: fault.Invalid, 412: fault.Conflict, 413: fault.Invalid, 415: fault.Invalid, 500: fault.Internal, 502: fault.Internal} {
		if got := host.CodeOfStatus(status); got != want {
			t.Errorf("CodeOfStatus(%d) = %s, want %s", status, got, want)
		}
	}
}
