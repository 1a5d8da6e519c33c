package dynamo

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Units is what one call consumed: read and write request units, its indexes included. A transaction's are those DynamoDB bills for it
// (twice the plain ones). A call that failed is not reported; DynamoDB bills some of those too.
// Source: "DynamoDB on-demand capacity mode", Amazon DynamoDB developer guide.
type Units struct {
	Table         string
	Reads, Writes float64
	Indexes       map[string]float64 // the part of each index
}

// Option changes a Store.
type Option func(*Store)

// Observe makes the store ask what each call consumes and hand it to saw, once for each table of the call. op is the API's name
// ("Query"). saw is called by several goroutines at once. Without this option nothing is asked for.
func Observe(saw func(op string, u Units)) Option {
	return func(s *Store) { s.saw, s.ask = saw, types.ReturnConsumedCapacityIndexes }
}

// reads reports what a read consumed.
func (s *Store) reads(op string, used ...types.ConsumedCapacity) {
	s.report(op, used, func(u *Units, n float64) { u.Reads = n })
}

// writes reports what a write consumed.
func (s *Store) writes(op string, used ...types.ConsumedCapacity) {
	s.report(op, used, func(u *Units, n float64) { u.Writes = n })
}

func (s *Store) report(op string, used []types.ConsumedCapacity, set func(*Units, float64)) {
	if s.saw == nil {
		return
	}
	for _, c := range used {
		u := Units{Table: deref(c.TableName), Indexes: map[string]float64{}}
		for name, i := range c.GlobalSecondaryIndexes {
			u.Indexes[name] = amount(i.CapacityUnits)
		}
		set(&u, amount(c.CapacityUnits))
		s.saw(op, u)
	}
}

func amount(n *float64) float64 {
	if n == nil {
		return 0
	}
	return *n
}

// one is the answer of a call on a single table, which is there only if it was asked for.
func one(c *types.ConsumedCapacity) []types.ConsumedCapacity {
	if c == nil {
		return nil
	}
	return []types.ConsumedCapacity{*c}
}
