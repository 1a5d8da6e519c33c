package agentapi_test

import (
	"context"

	"parley/shared/fault"
	"parley/shared/table"
)

// broken, busy and panics are tables that fail in their three ways.
type (
	broken struct{}
	busy   struct{}
	panics struct{}
)

func (broken) Get(context.Context, string, bool, ...table.Key) ([]*table.Item, error) {
	return nil, errFire
}

func (broken) Query(context.Context, table.Query) (table.Page, error) { return table.Page{}, errFire }
func (broken) Transact(context.Context, ...table.Op) error            { return errFire }

func (busy) Get(context.Context, string, bool, ...table.Key) ([]*table.Item, error) {
	return nil, fault.New(fault.Busy, "Too much at once.")
}

func (busy) Query(context.Context, table.Query) (table.Page, error) {
	return table.Page{}, fault.New(fault.Busy, "Too much at once.")
}

func (busy) Transact(context.Context, ...table.Op) error {
	return fault.New(fault.Busy, "Too much at once.")
}

func (panics) Get(context.Context, string, bool, ...table.Key) ([]*table.Item, error) {
	panic("out of its mind")
}
func (panics) Query(context.Context, table.Query) (table.Page, error) { panic("out of its mind") }
func (panics) Transact(context.Context, ...table.Op) error            { panic("out of its mind") }

// flaky is a table whose nth call fails, before or after its effect.
type flaky struct {
	table.Port
	calls, fail int
	after       bool
}

func (f *flaky) count() bool {
	f.calls++
	return f.calls == f.fail
}

func (f *flaky) Get(ctx context.Context, name string, consistent bool, keys ...table.Key) ([]*table.Item, error) {
	if f.count() {
		return nil, errFire
	}
	return f.Port.Get(ctx, name, consistent, keys...)
}

func (f *flaky) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if f.count() {
		return table.Page{}, errFire
	}
	return f.Port.Query(ctx, q)
}

func (f *flaky) Transact(ctx context.Context, ops ...table.Op) error {
	if !f.count() {
		return f.Port.Transact(ctx, ops...)
	}
	if f.after {
		if err := f.Port.Transact(ctx, ops...); err != nil {
			return err
		}
	}
	return errFire
}
