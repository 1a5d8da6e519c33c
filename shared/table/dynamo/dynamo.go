// Package dynamo is the table port on Amazon DynamoDB.
//
// Owns: the native form of an item, conditions, which errors mean what, paging.
// Never: keys of a noun, Scan, creating tables (infra/data.go).
// Imported by: functions/x/lambda, tests.
//
// The attributes of an item are those of package image. Revisions: Absent writes 1, RevIs(n) writes n+1, Add counts up; a Put
// under Any cannot know the revision it replaces, so it writes the time in microseconds: it grows (as far as the clocks of two
// writers agree), differs from every revision the item had, and fits a JavaScript number.
//
// Retries: the SDK's stay on (without them a loopback or a reset connection shows as an error), so a write can be applied and
// then tried again. Transactions carry a client token and are safe; a single Add is sent as a transaction for that reason. A
// conditional single Put or Delete whose condition fails on a second attempt is compared with what it wanted to write.
package dynamo

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/table"
	"parley/shared/table/image"
)

// Store is the port.
type Store struct {
	db   *dynamodb.Client
	last atomic.Int64 // newest revision of anyRev

	saw func(op string, u Units) // nil: nobody asks
	ask types.ReturnConsumedCapacity
}

var _ table.Port = (*Store)(nil)

// Open makes a store of the function's own region and role. AWS_ENDPOINT_URL_DYNAMODB leads it elsewhere.
func Open(ctx context.Context) (table.Port, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	return New(dynamodb.NewFromConfig(cfg)), nil
}

// New makes a store of a client.
func New(client *dynamodb.Client, options ...Option) *Store {
	s := &Store{db: client}
	for _, o := range options {
		o(s)
	}
	return s
}

// anyRev is the revision of a Put under Any.
func (s *Store) anyRev() int64 {
	for {
		last := s.last.Load()
		next := max(time.Now().UnixMicro(), last+1)
		if s.last.CompareAndSwap(last, next) {
			return next
		}
	}
}

// readFault gives an error of a read its code.
func readFault(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch {
	case throttled(api.ErrorCode()):
		return fault.Wrap(err, fault.Busy, "the store is overloaded, try again")
	case api.ErrorCode() == "ValidationException":
		return fault.Wrap(err, fault.Invalid, "the store refuses the request")
	}
	return err
}

func throttled(code string) bool {
	switch code {
	case "ProvisionedThroughputExceededException", "ProvisionedThroughputExceeded", "ThrottlingException", "ThrottlingError",
		"RequestLimitExceeded", "TransactionConflict", "TransactionConflictException", "TransactionInProgressException":
		return true
	}
	return false
}

// Get implements table.Port.
func (s *Store) Get(ctx context.Context, name string, consistent bool, keys ...table.Key) ([]*table.Item, error) {
	if len(keys) > limit.BatchGetKeys {
		return nil, fault.New(fault.Invalid, "at most %d keys can be read at once, not %d", limit.BatchGetKeys, len(keys))
	}
	if err := table.CheckKeys(keys...); err != nil {
		return nil, err
	}
	out := make([]*table.Item, len(keys))
	switch len(keys) {
	case 0:
		return out, nil
	case 1:
		resp, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &name, Key: keyAttrs(keys[0]), ConsistentRead: &consistent, ReturnConsumedCapacity: s.ask,
		})
		if err != nil {
			return nil, readFault(err)
		}
		s.reads("GetItem", one(resp.ConsumedCapacity)...)
		if resp.Item != nil {
			out[0], err = decode(resp.Item)
		}
		return out, err
	}
	found, err := s.batchGet(ctx, name, consistent, keys)
	for i, k := range keys {
		out[i] = found[k]
	}
	return out, err
}

func (s *Store) batchGet(ctx context.Context, name string, consistent bool, keys []table.Key) (map[table.Key]*table.Item, error) {
	found := make(map[table.Key]*table.Item, len(keys))
	ask := types.KeysAndAttributes{ConsistentRead: &consistent}
	asked := make(map[table.Key]bool, len(keys))
	for _, k := range keys {
		if !asked[k] { // DynamoDB refuses a key twice
			asked[k] = true
			ask.Keys = append(ask.Keys, keyAttrs(k))
		}
	}
	for try := 0; len(ask.Keys) > 0; try++ {
		resp, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{name: ask}, ReturnConsumedCapacity: s.ask,
		})
		if err != nil {
			return nil, readFault(err)
		}
		s.reads("BatchGetItem", resp.ConsumedCapacity...)
		for _, a := range resp.Responses[name] {
			it, err := decode(a)
			if err != nil {
				return nil, err
			}
			found[it.Key] = it
		}
		ask.Keys = resp.UnprocessedKeys[name].Keys // what did not fit 16 MB, or was throttled
		if len(ask.Keys) == 0 {
			break
		}
		if len(resp.Responses[name]) > 0 {
			try = 0
		}
		if err := pause(ctx, try); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// pause waits before another try, longer each time; after eight in vain the store counts as overloaded.
func pause(ctx context.Context, try int) error {
	if try >= 8 {
		return fault.New(fault.Busy, "the store is overloaded, try again")
	}
	wait := time.Duration(5+rand.IntN(20<<try)) * time.Millisecond
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Query implements table.Port. It asks for one item more than Limit, so that Next is empty exactly when nothing follows.
func (s *Store) Query(ctx context.Context, q table.Query) (table.Page, error) {
	after, err := q.Check()
	if err != nil || q.Empty() {
		return table.Page{}, err
	}
	in := queryInput(&q, after)
	in.ReturnConsumedCapacity = s.ask
	resp, err := s.db.Query(ctx, in)
	if err != nil {
		return table.Page{}, readFault(err)
	}
	s.reads("Query", one(resp.ConsumedCapacity)...)
	page := table.Page{Items: make([]table.Item, 0, len(resp.Items))}
	for _, a := range resp.Items {
		it, err := decode(a)
		if err != nil {
			return table.Page{}, err
		}
		if q.Index != "" {
			it.Doc = nil // an index holds keys only
		}
		page.Items = append(page.Items, *it)
	}
	more := resp.LastEvaluatedKey != nil
	if q.Limit > 0 && len(page.Items) > q.Limit {
		page.Items, more = page.Items[:q.Limit], true
	}
	if more && len(page.Items) > 0 {
		page.Next = q.Next(&page.Items[len(page.Items)-1])
	}
	return page, nil
}

func queryInput(q *table.Query, after *table.Cursor) *dynamodb.QueryInput {
	pk, sk := image.PK, image.SK
	in := &dynamodb.QueryInput{TableName: &q.Table, ScanIndexForward: aws.Bool(!q.Desc), ConsistentRead: &q.Consistent}
	if q.Index != "" {
		pk, sk = q.Index+image.PKSuffix, q.Index+image.SKSuffix
		in.IndexName = &q.Index
	}
	in.ExpressionAttributeNames = map[string]string{"#pk": pk}
	in.ExpressionAttributeValues = attrs{":pk": text(q.PK)}
	cond := "#pk = :pk"
	switch {
	case q.From != "" && q.To != "":
		cond += " AND #sk BETWEEN :from AND :to"
	case q.From != "":
		cond += " AND #sk >= :from"
	case q.To != "":
		cond += " AND #sk <= :to"
	}
	if q.From != "" || q.To != "" {
		in.ExpressionAttributeNames["#sk"] = sk
	}
	for name, bound := range map[string]string{":from": q.From, ":to": q.To} {
		if bound != "" {
			in.ExpressionAttributeValues[name] = text(bound)
		}
	}
	in.KeyConditionExpression = &cond
	if q.Limit > 0 {
		in.Limit = aws.Int32(int32(min(q.Limit, 1<<20) + 1))
	}
	if after != nil {
		in.ExclusiveStartKey = attrs{pk: text(q.PK), sk: text(after.Sort)}
		if q.Index != "" {
			in.ExclusiveStartKey[image.PK], in.ExclusiveStartKey[image.SK] = text(after.Item.PK), text(after.Item.SK)
		}
	}
	return in
}
