package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"parley/shared/fault"
	"parley/shared/table"
	"parley/shared/table/image"
)

// Transact implements table.Port.
func (s *Store) Transact(ctx context.Context, ops ...table.Op) error {
	if err := table.Check(ops); err != nil {
		return err
	}
	if len(ops) == 1 && ops[0].Verb == table.Put {
		return s.put(ctx, &ops[0])
	}
	if len(ops) == 1 && ops[0].Verb == table.Delete {
		return s.delete(ctx, &ops[0])
	}
	in := &dynamodb.TransactWriteItemsInput{ReturnConsumedCapacity: s.ask} // the SDK gives each call a client token, the same for its own retries
	for i := range ops {
		item, err := s.action(&ops[i])
		if err != nil {
			return err
		}
		in.TransactItems = append(in.TransactItems, item)
	}
	resp, err := s.db.TransactWriteItems(ctx, in)
	if err != nil {
		return writeFault(err)
	}
	s.writes("TransactWriteItems", resp.ConsumedCapacity...)
	return nil
}

// condition is the expression of a Cond with its names and values, nil for Any.
func condition(c table.Cond) (expr *string, names map[string]string, values attrs) {
	if n, ok := c.Rev(); ok {
		e := "#rev = :was"
		return &e, map[string]string{"#rev": image.Rev}, attrs{":was": number(n)}
	}
	if c.IsAbsent() {
		e := "attribute_not_exists(#pk)"
		return &e, map[string]string{"#pk": image.PK}, nil
	}
	return nil, nil, nil
}

// newRev is the revision a Put leaves.
func (s *Store) newRev(c table.Cond) int64 {
	if n, ok := c.Rev(); ok {
		return n + 1
	}
	if c.IsAbsent() {
		return 1
	}
	return s.anyRev()
}

func (s *Store) action(op *table.Op) (types.TransactWriteItem, error) {
	expr, names, values := condition(op.Cond)
	switch op.Verb {
	case table.Put:
		item, err := encode(&op.Item, s.newRev(op.Cond))
		return types.TransactWriteItem{Put: &types.Put{
			TableName: &op.Table, Item: item,
			ConditionExpression: expr, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		}}, err
	case table.Delete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &op.Table, Key: keyAttrs(op.Item.Key),
			ConditionExpression: expr, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		}}, nil
	}
	if names == nil {
		names = map[string]string{}
	}
	if values == nil {
		values = attrs{}
	}
	names["#rev"], values[":one"] = image.Rev, number(1)
	update := "ADD #rev :one"
	for i, name := range slices.Sorted(maps.Keys(op.Adds)) {
		n := strconv.Itoa(i)
		names["#a"+n], values[":a"+n] = name, number(op.Adds[name])
		update += ", #a" + n + " :a" + n
	}
	if !op.Item.Expires.IsZero() {
		names["#ttl"], values[":ttl"] = image.TTL, number(op.Item.Expires.Unix())
		update += " SET #ttl = :ttl"
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &op.Table, Key: keyAttrs(op.Item.Key), UpdateExpression: &update,
		ConditionExpression: expr, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}, nil
}

func (s *Store) put(ctx context.Context, op *table.Op) error {
	item, err := encode(&op.Item, s.newRev(op.Cond))
	if err != nil {
		return err
	}
	expr, names, values := condition(op.Cond)
	var sent attempts
	resp, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &op.Table, Item: item,
		ConditionExpression: expr, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld, ReturnConsumedCapacity: s.ask,
	}, sent.count)
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) && sent.n > 1 && same(failed.Item, item) {
		return nil // the first attempt was applied and only its answer was lost
	}
	if err != nil {
		return writeFault(err)
	}
	s.writes("PutItem", one(resp.ConsumedCapacity)...)
	return nil
}

func (s *Store) delete(ctx context.Context, op *table.Op) error {
	expr, names, values := condition(op.Cond)
	var sent attempts
	resp, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &op.Table, Key: keyAttrs(op.Item.Key),
		ConditionExpression: expr, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld, ReturnConsumedCapacity: s.ask,
	}, sent.count)
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) && sent.n > 1 && len(failed.Item) == 0 {
		return nil
	}
	if err != nil {
		return writeFault(err)
	}
	s.writes("DeleteItem", one(resp.ConsumedCapacity)...)
	return nil
}

// attempts counts how often one call was sent.
type attempts struct{ n int }

func (a *attempts) count(o *dynamodb.Options) {
	counter := middleware.FinalizeMiddlewareFunc("parley.attempts", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		a.n++
		return next.HandleFinalize(ctx, in)
	})
	o.APIOptions = append(o.APIOptions[:len(o.APIOptions):len(o.APIOptions)], func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(counter, "Retry", middleware.After)
	})
}

// same reports whether two native items are one: a put that is tried again wrote exactly this, revision included.
func same(a, b attrs) bool {
	x, err := decode(a)
	if err != nil {
		return false
	}
	y, err := decode(b)
	return err == nil && x.Key == y.Key && x.Rev == y.Rev && x.Expires.Equal(y.Expires) && maps.Equal(x.Index, y.Index) && string(x.Doc) == string(y.Doc)
}

// writeFault turns what DynamoDB says of a write into a Conflict or a coded error.
func writeFault(err error) error {
	if err == nil {
		return nil
	}
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		return cancellation(err, cancelled.CancellationReasons)
	}
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return &table.Conflict{Failed: []int{0}}
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch {
	case throttled(api.ErrorCode()):
		return &table.Conflict{Throttled: true}
	case api.ErrorCode() == "ValidationException", api.ErrorCode() == "ItemCollectionSizeLimitExceededException", api.ErrorCode() == "IdempotentParameterMismatchException":
		return fault.Wrap(err, fault.Invalid, "the store refuses the item")
	}
	return err
}

func cancellation(err error, reasons []types.CancellationReason) error {
	var failed []int
	busy, other := false, ""
	for i, r := range reasons {
		switch code := deref(r.Code); {
		case code == "ConditionalCheckFailed":
			failed = append(failed, i)
		case throttled(code):
			busy = true
		case code != "" && code != "None":
			other = code + ": " + deref(r.Message)
		}
	}
	switch {
	case failed != nil:
		return &table.Conflict{Failed: failed}
	case other != "":
		return fault.Wrap(fmt.Errorf("%s: %w", other, err), fault.Invalid, "the store refuses an item of the transaction")
	case busy:
		return &table.Conflict{Throttled: true}
	}
	return err
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
