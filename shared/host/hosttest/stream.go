package hosttest

import (
	"encoding/json"
	"strconv"
	"testing"

	"parley/shared/host"
	"parley/shared/table"
	"parley/shared/table/image"
)

// StreamPayload is what Lambda sends for changes of a table.
func StreamPayload(changes []table.Change) []byte {
	var e host.StreamEvent
	for _, c := range changes {
		r := host.Record{EventID: strconv.FormatInt(c.Pos, 10), EventName: "MODIFY"}
		r.Change.Sequence = strconv.FormatInt(c.Pos, 10)
		r.Change.Keys = image.AppendKey(nil, c.Key)
		if c.Old == nil {
			r.EventName = "INSERT"
		} else {
			r.Change.Old = image.Append(nil, c.Old)
		}
		if c.New == nil {
			r.EventName = "REMOVE"
		} else {
			r.Change.New = image.Append(nil, c.New)
		}
		e.Records = append(e.Records, r)
	}
	raw, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return raw
}

// QueuePayload is what Lambda sends for messages of a queue; their ids are m0, m1 …
func QueuePayload(bodies ...string) []byte {
	type message struct {
		ID   string `json:"messageId"`
		Body string `json:"body"`
	}
	var e struct {
		Records []message `json:"Records"`
	}
	for i, b := range bodies {
		e.Records = append(e.Records, message{ID: "m" + strconv.Itoa(i), Body: b})
	}
	raw, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return raw
}

// Failures reads which items of a batch are to come again.
func Failures(t testing.TB, answer []byte) []string {
	t.Helper()
	var r host.BatchResponse
	if err := json.Unmarshal(answer, &r); err != nil {
		t.Fatalf("answer %s: %v", answer, err)
	}
	var out []string
	for _, f := range r.Failures {
		out = append(out, f.ID)
	}
	return out
}
