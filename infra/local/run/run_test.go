package run

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/infra/local/template"
	"parley/shared/host"
	"parley/shared/table"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestFromEnv(t *testing.T) {
	c, err := FromEnv(env(nil))
	if err != nil || c.Port != DefaultPort || c.SMTPPort != DefaultSMTPPort {
		t.Errorf("%+v %v", c, err)
	}
	c, err = FromEnv(env(map[string]string{"PORT": "0", "SMTP_PORT": "26", "HOST": "::1", "PARLEY_STREAM_DELAY": "0", "PARLEY_SOCKET_IDLE": "3s", "ORIGIN": "https://desk.example/"}))
	if err != nil || c.Port != 0 || c.SMTPPort != 26 || c.Host != "::1" || c.Delay >= 0 || c.Idle != 3*time.Second || c.Origin != "https://desk.example" {
		t.Errorf("%+v %v", c, err)
	}
	_, err = FromEnv(env(map[string]string{"PORT": "http", "SMTP_PORT": "70000", "PARLEY_STREAM_DELAY": "soon"}))
	for _, want := range []string{`PORT is "http"`, `SMTP_PORT is "70000"`, `PARLEY_STREAM_DELAY is "soon"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
}

func load(t *testing.T) *template.Template {
	t.Helper()
	tpl, err := template.Load(filepath.Join("..", "..", "..", templateFile))
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

// Whatever a function reads or leaves unread of its environment shows at start, by name.
func TestBuildHoldsTemplateAndFunctionsTogether(t *testing.T) {
	tpl := load(t)
	lookup := func(id, _ string) string { return id }
	keep := functions
	defer func() { functions = keep }()
	reads := map[string][]string{}
	for _, f := range tpl.Functions {
		for name := range f.Env {
			reads[f.Name] = append(reads[f.Name], name)
		}
	}
	all := func(spoil func(name string, names []string) []string) map[string]host.New {
		out := map[string]host.New{}
		for name, names := range reads {
			out[name] = func(c *host.Cloud) (host.Handler, error) {
				for _, n := range spoil(name, names) {
					c.Env(n)
				}
				return host.Tick(nil), nil
			}
		}
		return out
	}
	run := func(fs map[string]host.New) error {
		functions = fs
		_, err := build(tpl, lookup, host.NewCloud, slog.New(slog.DiscardHandler))
		return err
	}
	same := func(_ string, names []string) []string { return names }
	if err := run(all(same)); err != nil {
		t.Fatal(err)
	}
	unread := all(func(name string, names []string) []string {
		if name == "sweep" {
			return nil
		}
		return names
	})
	if err := run(unread); err == nil || !strings.HasPrefix(err.Error(), "function sweep: the template sets PARLEY_") || !strings.HasSuffix(err.Error(), "PARLEY_TABLE_THREADS, which it never reads") {
		t.Errorf("%v", err)
	}
	missing := all(func(_ string, names []string) []string { return append(names, "PARLEY_NEW") })
	if err := run(missing); err == nil || !strings.Contains(err.Error(), "PARLEY_NEW") {
		t.Errorf("%v", err)
	}
	fewer, more := all(same), all(same)
	delete(fewer, "notify")
	more["other"] = more["notify"]
	if err := run(fewer); err == nil || !strings.Contains(err.Error(), `"notify"`) {
		t.Errorf("%v", err)
	}
	if err := run(more); err == nil || !strings.Contains(err.Error(), `"other"`) {
		t.Errorf("%v", err)
	}
}

func TestAPanicCostsOneInvocation(t *testing.T) {
	f := &function{name: "x", handler: host.HTTP(nil), timeout: time.Second, log: slog.New(slog.DiscardHandler)}
	if _, err := f.Invoke(t.Context(), []byte(`{"requestContext":{"http":{"method":"GET"}}}`)); err == nil || !strings.Contains(err.Error(), "x panicked") {
		t.Errorf("%v", err)
	}
}

func TestFiltersOfTheTemplate(t *testing.T) {
	filters := map[string]*filter{}
	for _, m := range load(t).Mappings {
		if m.Kind == template.Stream {
			filters[m.Function] = newFilter(m)
		}
	}
	item := func(sk, doc string) *table.Item {
		return &table.Item{Key: table.Key{PK: "T", SK: sk}, Rev: 1, Doc: []byte(doc)}
	}
	for _, tc := range []struct {
		function      string
		before, after *table.Item
		want          bool
	}{
		{"notify", nil, item("H", `{}`), true},
		{"notify", item("H", `{}`), item("H", `{}`), true},
		{"notify", nil, item("E#1", `{}`), false},
		{"notify", item("H", `{}`), nil, false},
		{"deliver", nil, item("D", `{"kind":"mail","ready":true}`), true},
		{"deliver", nil, item("D", `{"kind":"mail","ready":false}`), false},
		{"deliver", nil, item("D", `{"ready":true}`), false},
		{"deliver", item("D", `{"kind":"mail","ready":true}`), item("D", `{"kind":"mail","ready":false}`), false},
	} {
		key := table.Key{PK: "T", SK: "H"}
		if tc.after != nil {
			key = tc.after.Key
		}
		if got := filters[tc.function].matches(key, tc.before, tc.after); got != tc.want {
			t.Errorf("%s %v → %v: %v", tc.function, tc.before, tc.after, got)
		}
	}
}

func TestHostNames(t *testing.T) {
	f := &front{hosts: map[string]bool{"desk.example": true}}
	for host, want := range map[string]bool{
		"127.0.0.1:8080": true, "localhost:8080": true, "app.localhost": true, "[::1]:8080": true, "192.168.1.7:8080": true, "DESK.example:80": true,
		"evil.example:8080": false, "localhost.evil.example": false, "": false,
	} {
		if got := f.known(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}
