package chatflow

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"parley/shared/fault"
)

// WebhookCall is what a webhook step posts.
type WebhookCall struct {
	ID      string            `json:"id"` // the same whenever it is posted again
	Flow    string            `json:"flow"`
	Step    string            `json:"step"`
	Thread  string            `json:"thread"`
	Page    string            `json:"page,omitempty"`
	Answers map[string]string `json:"answers"`
	Contact map[string]string `json:"contact"`
}

// Call is the effect of a webhook step as it is posted: its id is of this effect alone.
func (e Effect) Call(thread, flow string) WebhookCall {
	c := WebhookCall{ID: thread + "." + e.ID, Flow: flow, Step: e.Step, Thread: thread, Page: e.Page, Answers: e.Vars, Contact: e.Contact}
	if c.Answers == nil {
		c.Answers = map[string]string{}
	}
	if c.Contact == nil {
		c.Contact = map[string]string{}
	}
	return c
}

// Sign is the value of a call's signature header: "t=<seconds>,v1=<hex>", an HMAC-SHA256 over the seconds, a point and the body.
func Sign(key []byte, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	h := hmac.New(sha256.New, key)
	h.Write([]byte(t + "."))
	h.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(h.Sum(nil))
}

// Read maps a webhook's JSON answer to variables. A path that leads nowhere empties its variable; what is no text, number or truth is none.
// A step without a map wants no answer, and takes any.
func (s WebhookStep) Read(status int, body []byte) (map[string]string, error) {
	if status < 200 || status > 299 {
		return nil, fault.New(fault.Invalid, "The server answers with status %d.", status)
	}
	if len(s.Map) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil {
		return nil, fault.New(fault.Invalid, "The server's answer is no JSON.")
	}
	out := map[string]string{}
	for name, path := range s.Map {
		out[name] = clip(at(root, strings.Split(path, ".")), MaxVariable)
	}
	return out, nil
}

// at follows a path of members and, in lists, positions.
func at(v any, path []string) string {
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i < 0 || i >= len(x) {
				return ""
			}
			v = x[i]
		default:
			return ""
		}
	}
	switch x := v.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}
