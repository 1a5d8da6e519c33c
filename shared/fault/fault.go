// Package fault is the whole product's error vocabulary: six codes that a caller can act on.
//
// Owns: the codes, and how an error says its code and its public message.
// Never: HTTP, Lambda, logging. host alone maps a code to a status, a batch failure or a frame.
// Imported by: everything.
//
// An error without a code is an internal one: a network or a programming fault that a retry may cure. Its text
// never leaves the house; a coded error's message is written for the person who caused it.
package fault

import (
	"errors"
	"fmt"
)

// Code says what a caller can do about an error.
type Code string

// The six codes. Internal is not one of them: it is what an uncoded error means.
const (
	Invalid  Code = "invalid"  // the input can never be accepted; do not retry
	Denied   Code = "denied"   // the caller may not
	NotFound Code = "notfound" // there is no such thing, or the caller may not know of it
	Conflict Code = "conflict" // somebody was faster; read again and decide again
	Gone     Code = "gone"     // it was there and is no more: a closed socket, an expired ticket
	Busy     Code = "busy"     // try again later: throttled, leased, overloaded
	Internal Code = "internal" // CodeOf's answer for an uncoded error
)

// Error is an error with a code. Message is fit for the person who caused it; cause, if any, is for the log only.
type Error struct {
	Code    Code
	Message string
	cause   error
}

func (e *Error) Error() string {
	if e.cause != nil {
		return string(e.Code) + ": " + e.Message + ": " + e.cause.Error()
	}
	return string(e.Code) + ": " + e.Message
}

func (e *Error) Unwrap() error { return e.cause }

// New returns an error with a code and a public message.
func New(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap is New with a cause, which is kept for the log and for errors.Is and errors.As.
func Wrap(cause error, code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), cause: cause}
}

// CodeOf returns the code of the outermost coded error in err's chain, Internal if there is none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// Is reports whether err carries the code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }

// MessageOf returns what the person who caused err may read.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Message
	}
	return "Something went wrong on our side. Nothing you sent was lost; please try again."
}
