package local

import (
	"maps"
	"math/big"
	"slices"
	"strconv"

	"parley/shared/fault"
	"parley/shared/table"
)

// add returns doc with numbers added to its top-level members. Integers stay exact at any size; a fraction is added as the exact
// decimal it is, as DynamoDB does.
func add(doc []byte, adds map[string]int64) ([]byte, error) {
	out := make([]byte, 0, len(doc)+24*len(adds))
	out = append(out, '{')
	done := map[string]bool{}
	err := table.Walk(doc, func(name, value []byte) error {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(out, name...), ':')
		key := table.Unquote(name)
		n, ok := adds[key]
		if !ok {
			out = append(out, value...)
			return nil
		}
		done[key] = true
		var err error
		out, err = sum(out, key, value, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(adds)) {
		if done[key] {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = table.AppendQuoted(out, key)
		out = append(out, ':')
		out = strconv.AppendInt(out, adds[key], 10)
	}
	return append(out, '}'), nil
}

func sum(out []byte, key string, value []byte, n int64) ([]byte, error) {
	if have, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		if total := have + n; (total > have) == (n > 0) {
			return strconv.AppendInt(out, total, 10), nil
		}
	}
	if c := value[0]; len(value) > 200 || c != '-' && (c < '0' || c > '9') {
		return nil, fault.New(fault.Invalid, "%q is not a number that can be added to", key)
	}
	r, ok := new(big.Rat).SetString(string(value))
	if !ok {
		return nil, fault.New(fault.Invalid, "%q is not a number that can be added to", key)
	}
	r.Add(r, new(big.Rat).SetInt64(n))
	digits, _ := r.FloatPrec() // a decimal has a finite expansion
	return append(out, r.FloatString(digits)...), nil
}
