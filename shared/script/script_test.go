package script_test

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/script"
)

var lena = script.Event{
	UserMessage: script.UserMessage{Message: "12"},
	Session:     script.Session{VID: "c1", Properties: map[string]string{"name": "Lena"}, CustomState: map[string]string{"n": "1"}},
}

func TestHubSpotsShape(t *testing.T) {
	for name, src := range map[string]string{
		"callback": `exports.main = (event, callback) => {
			console.log('x');
			callback({botMessage: event.session.properties.name + ' ' + event.userMessage.message, quickReplies: [{value: 'a', label: 'A'}],
				customState: {n: Number(event.session.customState.n) + 1}, nextModuleNickname: 'next', responseExpected: true});
			callback({botMessage: 'twice'});
		};`,
		"async, module": `module.exports = {main: async (event, callback) => { const n = await Promise.resolve(2);
			callback({botMessage: 'Lena 12', quickReplies: [{value: 'a', label: 'A'}], customState: {n}, nextModuleNickname: 'next', responseExpected: true}); }};`,
	} {
		r, err := script.Run(t.Context(), src, lena)
		if err != nil || r.BotMessage != "Lena 12" || len(r.QuickReplies) != 1 || r.QuickReplies[0].Label != "A" || r.CustomState["n"] != 2.0 ||
			r.NextModuleNickname != "next" || !r.ResponseExpected {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
}

func TestNothingGetsOut(t *testing.T) {
	t.Setenv("PARLEY_TEST_SECRET", "do not tell")
	answers := func(expr string) string {
		return `exports.main = (e, cb) => { let v; try { v = ` + expr + ` } catch (x) { v = 'refused ' + x } cb({botMessage: String(v)}) }`
	}
	for _, expr := range []string{
		`require('fs').readFileSync('/etc/passwd')`, `process.env.PARLEY_TEST_SECRET`, `fetch('http://169.254.169.254/')`, `new XMLHttpRequest()`,
		`this.constructor.constructor('return process')().env`, `(function(){}).constructor('return require("child_process")')()`,
		`globalThis.Deno.env`, `import('fs')`, `setTimeout(() => {}, 1)`, `cb.constructor('return process')()`, `e.__proto__.constructor.constructor('return process')()`,
		`console.log.constructor('return process')()`, `new WebSocket('ws://x')`, `os.Getenv('HOME')`, `Bun.file('/etc/passwd')`,
	} {
		r, err := script.Run(t.Context(), answers(expr), lena)
		if err == nil && !strings.HasPrefix(r.BotMessage, "refused") {
			t.Errorf("%s: %q", expr, r.BotMessage)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", expr, err)
		}
	}
	// What it changes of the language is changed for nobody else.
	if _, err := script.Run(t.Context(), `Object.prototype.botMessage = 'evil'; JSON.stringify = () => '{"botMessage":"evil"}'; Array.prototype.push = null; exports.main = (e, cb) => cb({})`, lena); err != nil {
		t.Error(err)
	}
	if r, err := script.Run(t.Context(), `exports.main = (e, cb) => cb({quickReplies: []})`, lena); err != nil || r.BotMessage != "" {
		t.Errorf("%+v %v", r, err)
	}
}

func TestBombsEndSafely(t *testing.T) {
	for name, src := range map[string]string{
		"loop at once":      `for (;;) {}`,
		"loop in main":      `exports.main = () => { while (true) {} }`,
		"native loop":       `exports.main = (e, cb) => { Array.prototype.fill.call({length: 2**53 - 1}, 0); cb({}) }`,
		"reverse":           `exports.main = (e, cb) => { Array.prototype.reverse.call({length: 2**53 - 1}); cb({}) }`,
		"regexp":            `exports.main = (e, cb) => { /^(a+)+\1$/.test('a'.repeat(5000) + '!'); cb({}) }`,
		"promises for ever": `exports.main = async (e, cb) => { for (;;) await null }`,
		"doubling":          `exports.main = (e, cb) => { let s = 'aaaaaaaa'; for (;;) s += s }`,
		"repeat":            `exports.main = (e, cb) => { const a = []; for (;;) a.push('x'.repeat(2**28)) }`,
		"arrays":            `exports.main = (e, cb) => { const a = []; for (;;) a.push(new Array(1000).fill(1)) }`,
		"one big buffer":    `exports.main = (e, cb) => { const a = []; for (;;) a.push(new Uint8Array(2**28).fill(1)) }`,
		"from":              `exports.main = (e, cb) => cb({botMessage: Array.from({length: 2**31}).join('x')})`,
		"recursion":         `exports.main = function f() { f() }`,
		"deep json":         `exports.main = (e, cb) => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; cb({botMessage: 'x', customState: {a}}) }`,
		"cycle":             `exports.main = (e, cb) => { const a = {}; a.a = a; cb(a) }`,
		"throws":            `throw new Error('no')`,
		"rejects":           `exports.main = async () => { throw 1 }`,
		"silent":            `exports.main = () => {}`,
		"no main":           `exports.other = 1`,
		"syntax":            `exports.main = (`,
		"main is null":      `module.exports = {main: null}`,
		"wrong shape":       `exports.main = (e, cb) => cb({botMessage: {}})`,
		"long answer":       `exports.main = (e, cb) => cb({botMessage: 'x'.repeat(1e6)})`,
		"a getter":          `exports.main = (e, cb) => cb({get botMessage() { for (;;) {} }})`,
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			r, err := script.Run(t.Context(), src, lena)
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%.100q %v", r.BotMessage, err)
			}
			if took := time.Since(begun); took > script.Wall+time.Second {
				t.Errorf("it took %s", took)
			}
			t.Log(err)
		})
	}
	if _, err := script.Run(t.Context(), strings.Repeat(" ", 200<<10), lena); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

// TestTheProcessHasNothingOpen: a listener and a file of the parent's are not the script's.
func TestTheProcessHasNothingOpen(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	before, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := script.Run(t.Context(), `exports.main = (e, cb) => cb({})`, lena); err != nil {
			t.Fatal(err)
		}
	}
	after, err := os.ReadDir("/proc/self/fd")
	if err != nil || len(after) > len(before)+2 {
		t.Errorf("%d files open before, %d after: %v", len(before), len(after), err)
	}
}

func BenchmarkRun(b *testing.B) {
	for b.Loop() {
		if _, err := script.Run(b.Context(), `exports.main = (e, cb) => cb({botMessage: 'x'})`, lena); err != nil {
			b.Fatal(err)
		}
	}
}
