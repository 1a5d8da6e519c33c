package dynamo

import (
	"errors"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"parley/shared/fault"
	"parley/shared/table"
)

func reasons(codes ...string) error {
	e := &types.TransactionCanceledException{}
	for _, c := range codes {
		e.CancellationReasons = append(e.CancellationReasons, types.CancellationReason{Code: aws.String(c)})
	}
	return e
}

func api(code string) error { return &smithy.GenericAPIError{Code: code} }

func TestWriteFault(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want *table.Conflict
		code fault.Code
	}{
		{"conditions", reasons("None", "ConditionalCheckFailed", "None", "ConditionalCheckFailed"), &table.Conflict{Failed: []int{1, 3}}, ""},
		{"condition and conflict", reasons("TransactionConflict", "ConditionalCheckFailed"), &table.Conflict{Failed: []int{1}}, ""},
		{"conflict", reasons("None", "TransactionConflict"), &table.Conflict{Throttled: true}, ""},
		{"throttled", reasons("ThrottlingError", "None"), &table.Conflict{Throttled: true}, ""},
		{"provisioned", reasons("ProvisionedThroughputExceeded"), &table.Conflict{Throttled: true}, ""},
		{"validation", reasons("None", "ValidationError", "TransactionConflict"), nil, fault.Invalid},
		{"collection", reasons("ItemCollectionSizeLimitExceeded"), nil, fault.Invalid},
		{"no reason", reasons("None"), nil, fault.Internal},
		{"single condition", &types.ConditionalCheckFailedException{}, &table.Conflict{Failed: []int{0}}, ""},
		{"single conflict", &types.TransactionConflictException{}, &table.Conflict{Throttled: true}, ""},
		{"single throttled", api("ThrottlingException"), &table.Conflict{Throttled: true}, ""},
		{"in progress", &types.TransactionInProgressException{}, &table.Conflict{Throttled: true}, ""},
		{"single validation", api("ValidationException"), nil, fault.Invalid},
		{"denied", api("AccessDeniedException"), nil, fault.Internal},
		{"network", errors.New("reset"), nil, fault.Internal},
	} {
		err := writeFault(c.err)
		var got *table.Conflict
		if errors.As(err, &got) != (c.want != nil) || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if c.want == nil && fault.CodeOf(err) != c.code {
			t.Errorf("%s: code %s, want %s", c.name, fault.CodeOf(err), c.code)
		}
	}
	if writeFault(nil) != nil {
		t.Error("nil is not nil")
	}
	if err := readFault(api("ThrottlingException")); !fault.Is(err, fault.Busy) {
		t.Error(err)
	}
}
