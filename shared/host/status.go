package host

import (
	"net/http"

	"parley/shared/fault"
)

var statuses = map[fault.Code]int{
	fault.Invalid:  http.StatusUnprocessableEntity,
	fault.Denied:   http.StatusForbidden,
	fault.NotFound: http.StatusNotFound,
	fault.Conflict: http.StatusConflict,
	fault.Gone:     http.StatusGone,
	fault.Busy:     http.StatusServiceUnavailable,
	fault.Internal: http.StatusInternalServerError,
}

// StatusOf is the HTTP status of an error: the one place where codes become statuses. An uncoded error is 500.
func StatusOf(err error) int { return statuses[fault.CodeOf(err)] }

// CodeOfStatus is the code of a status that a router or a validator chose before any code of ours ran.
func CodeOfStatus(status int) fault.Code {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fault.Denied
	case status == http.StatusNotFound:
		return fault.NotFound
	case status == http.StatusConflict || status == http.StatusPreconditionFailed:
		return fault.Conflict
	case status == http.StatusGone:
		return fault.Gone
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable || status == http.StatusRequestTimeout:
		return fault.Busy
	case status >= 400 && status < 500:
		return fault.Invalid
	}
	return fault.Internal
}
