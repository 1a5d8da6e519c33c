package agentapi

import (
	"net/http"

	"parley/shared/fault"
	"parley/shared/problem"
)

func unauthorized(message string) error { return problem.Unauthorized(message) }

func preconditionFailed() error {
	return &problem.WithStatus{
		Status: http.StatusPreconditionFailed, Err: fault.New(fault.Conflict, "Somebody changed this conversation meanwhile. Please look again."),
	}
}

// contactChanged is what a change gets whose If-Match names an older edition of a contact or a company.
func contactChanged() error {
	return &problem.WithStatus{
		Status: http.StatusPreconditionFailed, Err: fault.New(fault.Conflict, "Somebody changed this meanwhile. Please look again."),
	}
}
