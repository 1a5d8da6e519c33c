package functions_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The house rules of the design's §3, as folder patterns. In a pattern * is one folder, ** is any number of them.

// edge says what the packages of some folders may import of ours. The first edge that matches a package is its own.
type edge struct {
	of     string
	may    string
	reason string
}

const (
	domain = "shared/inbox shared/channel shared/people shared/chatflow shared/routing shared/hours shared/notice shared/analytics shared/tickets shared/article"
	ports  = "shared/table shared/table/image shared/blob shared/mailer shared/push shared/identity shared/secret shared/receipt shared/sender shared/dns shared/queue shared/fetch"
	words  = "shared/fault shared/limit"
	onAWS  = "shared/table/dynamo shared/blob/s3 shared/mailer/ses shared/push/apigw shared/identity/cognito shared/identity/oidc shared/secret/ssm shared/receipt/ses shared/sender/ses shared/dns/system shared/queue/sqs shared/fetch/public"
	atHome = "shared/table/local shared/blob/disk shared/mailer/smtp shared/push/local shared/identity/oidc shared/secret/local shared/sender/local shared/dns/local shared/fetch/public"
)

var edges = []edge{
	{"events", "", "the published language: whoever reads our facts must not need our code"},
	{words, "", "everything speaks these words, so they may lean on nothing"},
	{domain, "events shared/fault shared/inbox shared/hours", "pure: commands in, facts and jobs out; the rules can be read and tested without a cloud"},
	{"shared/email/mailjson", "shared/email", "a window on the parser, nothing more"},
	{"shared/email", words, "what a stranger wrote is read far from anything that could act on it"},
	{"shared/table/image", "shared/table", "functions decode stream records with it: it must not bring the SDK"},
	{"shared/table/tabletest", "shared/table shared/table/image " + words, "the contract: it must not know whom it judges"},
	{"shared/table/dynamo/**", "shared/table shared/table/image " + words, "an adapter knows its port only"},
	{ports, words, "a port is a few verbs that two adapters can mean the same by"},
	{"shared/store", domain + " events shared/table shared/blob " + words, "keys and transactions; no SDK, or local mode would not run the real ones"},
	{"shared/live", "events shared/inbox shared/notice shared/store shared/push " + words, "frames and their fan-out, for doors and notify alike"},
	{"shared/problem", "shared/host shared/fault", "one shape for the errors of all HTTP doors"},
	{"shared/host/hosttest", "shared/host shared/table/local " + ports + " " + words, "a world for tests of functions"},
	{"shared/dispatch", "events shared/store " + domain + " " + words, "what route decides by and what agentapi shows of it must be the same"},
	{"shared/clerk", "events shared/store shared/email shared/blob " + domain + " " + words, "what agentapi shows of a file before it is taken in and what sweep takes in must be the same"},
	{"shared/bot", "events shared/store shared/live shared/fetch shared/script " + domain + " " + words, "the door that begins a bot's conversation and the function that goes on with it must take the same turns"},
	{"shared/visitor", "events shared/store shared/live shared/bot shared/problem " + domain + " " + words, "what the two doors of visitors share: they must mean the same by a message"},
	{"shared/host", "events shared/fault " + ports, "no adapters, or every binary would link every SDK"},
	{"shared/table/*", "shared/table shared/table/image " + words, "an adapter knows its port only"},
	{"shared/blob/*", "shared/blob " + words, "an adapter knows its port only"},
	{"shared/mailer/*", "shared/mailer " + words, "an adapter knows its port only"},
	{"shared/push/*", "shared/push " + words, "an adapter knows its port only"},
	{"shared/identity/*", "shared/identity " + words, "an adapter knows its port only"},
	{"shared/secret/*", "shared/secret " + words, "an adapter knows its port only"},
	{"shared/receipt/*", "shared/receipt " + words, "an adapter knows its port only"},
	{"shared/queue/*", "shared/queue " + words, "an adapter knows its port only"},
	{"shared/sender/*", "shared/sender " + words, "an adapter knows its port only"},
	{"shared/dns/*", "shared/dns " + words, "an adapter knows its port only"},
	{"shared/fetch/*", "shared/fetch " + words, "an adapter knows its port only"},
	{"shared/script", words, "what runs a stranger's code must be near nothing of ours"},
	{"shared/webpush/webpushtest", "", "it judges what we send, so it shares no code with it"},
	{"shared/webpush", words, "encryption and a signature, to be held against the standards alone"},
	{"shared/remote", words, "a signature over an address, for the function that makes it and the one that checks it"},
	{"functions/*/lambda", "functions/* shared/host " + onAWS, "one line of hosting: it chooses adapters and holds no logic"},
	{
		"functions/*", "events shared/store shared/live shared/email shared/remote shared/webpush shared/host shared/problem shared/visitor shared/bot shared/dispatch shared/clerk " + domain + " " + ports + " " + words,
		"functions never call each other and choose no adapter: they meet in facts and jobs",
	},
	{"infra/local/bench infra/local/demo", "infra/local/** shared/host shared/store events " + domain + " " + atHome + " " + ports + " " + words, "they fill a data directory, so they may write straight into the store"},
	{
		"infra/local/** infra/local", "infra/local/** functions/* shared/host events " + atHome + " " + ports + " " + words,
		"the product in one process: the same functions, other adapters, the wiring read from the template",
	},
	{
		"infra/rehearsal infra/rehearsal/**", "infra/** shared/host events shared/table/dynamo/dynamodblocal " + atHome + " " + ports + " " + words,
		"it runs the deployed binaries, so it needs none of their code: only doors, and what stands in for AWS",
	},
	{"infra/** infra", "infra/**", "it names functions by folder: a change of the product's code must not need the CDK to compile"},
}

// bans are packages of others that must not be there at all.
var bans = []struct{ of, never, reason string }{
	{domain, "net net/http net/http/** net/rpc net/rpc/** net/smtp net/mail net/netip os os/** math/rand math/rand/** crypto/rand database/** github.com/aws/** log log/**", "no I/O, no clock, no randomness: ids and times come in with the command (net/url only reads)"},
	{"shared/store shared/live shared/host shared/email " + ports, "github.com/aws/aws-sdk-go-v2/**", "SDK clients are adapters' business"},
	{"functions/*", "github.com/aws/aws-sdk-go-v2/** os os/** net", "a function asks host.Cloud for what it needs, its environment too"},
	{"infra/local infra/local/**", "github.com/aws/aws-sdk-go-v2/** github.com/aws/aws-cdk-go/**", "local mode needs no cloud and compiles in seconds"},
}

type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

const module = "parley"

func (p pkg) folder() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// packages lists the module's packages. go list reads imports without compiling anything; -e because a package that is not there yet is
// the build's business.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports", "./...")
	cmd.Dir = ".."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p pkg
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
	if len(all) < 10 {
		t.Fatalf("go list found %d packages: that cannot be all", len(all))
	}
	return all
}

// matches reports whether a folder matches one of the patterns, which blanks separate.
func matches(patterns, folder string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(p string) bool {
		expr := regexp.QuoteMeta(p)
		expr = strings.ReplaceAll(expr, `\*\*`, `.+`)
		expr = strings.ReplaceAll(expr, `\*`, `[^/]+`)
		return regexp.MustCompile("^" + expr + "$").MatchString(folder)
	})
}

func TestImports(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		of := p.folder()
		i := slices.IndexFunc(edges, func(e edge) bool { return matches(e.of, of) })
		if i < 0 {
			t.Errorf("%s: no rule says what this folder may import: find its place in the design's §3, or give it one here with its reason", of)
			continue
		}
		e := edges[i]
		used[e.of] = true
		for _, imported := range p.Imports {
			to, ours := strings.CutPrefix(imported, module+"/")
			if ours && !matches(e.may, to) {
				t.Errorf("%s imports %s. It may not: %s", of, to, e.reason)
			}
			for _, b := range bans {
				if !ours && matches(b.of, of) && matches(b.never, imported) {
					t.Errorf("%s imports %s. It may not: %s", of, imported, b.reason)
				}
			}
		}
	}
	for _, must := range []string{"events", domain, "functions/*", "shared/store"} {
		if !used[must] {
			t.Errorf("no package matches the rule for %q: the patterns are wrong", must)
		}
	}
}

// TestLambdaIsItsFunction: a binary hosts the function of its own folder and no other.
func TestLambdaIsItsFunction(t *testing.T) {
	for _, p := range packages(t) {
		if !matches("functions/*/lambda", p.folder()) {
			continue
		}
		for _, imported := range p.Imports {
			if to, ours := strings.CutPrefix(imported, module+"/functions/"); ours && "functions/"+to+"/lambda" != p.folder() {
				t.Errorf("%s hosts %s", p.folder(), to)
			}
		}
	}
}

func TestNamesSayWhatIsInside(t *testing.T) {
	empty := []string{"util", "utils", "common", "helper", "helpers", "model", "models", "type", "types", "core", "base", "lib"}
	for _, p := range packages(t) {
		for _, part := range strings.Split(p.folder(), "/") {
			if slices.Contains(empty, part) {
				t.Errorf("%s: %q says nothing: name it after the noun it owns", p.folder(), part)
			}
		}
	}
}

func TestEveryFunctionHasItsFour(t *testing.T) {
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range folders {
		if !f.IsDir() || f.Name() == "testdata" {
			continue
		}
		found++
		for _, file := range []string{"doc.go", "handler.go", "handler_test.go", "lambda/main.go"} {
			if _, err := os.Stat(filepath.Join(f.Name(), file)); err != nil {
				t.Errorf("functions/%s has no %s", f.Name(), file)
			}
		}
		if doc, err := os.ReadFile(filepath.Join(f.Name(), "doc.go")); err == nil {
			for _, word := range []string{"// Trigger:", "// Reads:", "// Writes:", "// Redelivery:", "// Parks:"} {
				if !strings.Contains(string(doc), word) {
					t.Errorf("functions/%s/doc.go does not say %s", f.Name(), strings.Trim(word, "/: "))
				}
			}
		}
		if main, err := os.ReadFile(filepath.Join(f.Name(), "lambda/main.go")); err == nil && bytes.Count(main, []byte("\n")) > 25 {
			t.Errorf("functions/%s/lambda/main.go is longer than 25 lines: logic belongs in the function", f.Name())
		}
	}
	if found == 0 {
		t.Fatal("no function found")
	}
}

// TestFilesAreShort: a file of more than 500 lines has a seam somewhere.
func TestFilesAreShort(t *testing.T) {
	const most = 500
	for _, p := range packages(t) {
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			src, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(src, []byte("\n")); n > most && !bytes.Contains(src, []byte("DO NOT EDIT")) {
				t.Errorf("%s/%s has %d lines, more than %d", p.folder(), filepath.Base(f), n, most)
			}
		}
	}
}

// TestDomainKnowsNoClock: time comes in with the command, so the domain may calculate with it and not ask for it.
func TestDomainKnowsNoClock(t *testing.T) {
	asks := []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTimer", "NewTicker"}
	sources(t, domain+" events", func(file string, n ast.Node, _ string) {
		if pkg, name, ok := selector(n); ok && pkg == "time" && slices.Contains(asks, name) {
			t.Errorf("%s uses time.%s: times come in with the command", file, name)
		}
	})
}

// TestEnvironment: names are read in New, the only place where a function is put together, and are those that the template sets.
func TestEnvironment(t *testing.T) {
	read := map[string][]string{}
	sources(t, "functions/*", func(file string, n ast.Node, function string) {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return
		}
		name, isText := call.Args[0].(*ast.BasicLit)
		_, method, _ := selector(call.Fun)
		if !isText || method != "Env" {
			return
		}
		text, _ := strconv.Unquote(name.Value)
		if function != "New" || !strings.HasPrefix(text, "PARLEY_") {
			t.Errorf("%s: %s reads %s: names begin with PARLEY_ and are read in New", file, function, name.Value)
		}
		of := strings.Split(file, "/")[1]
		if !slices.Contains(read[of], text) {
			read[of] = append(read[of], text)
		}
	})
	set := environments(t)
	if len(read) == 0 || len(set) == 0 {
		t.Fatal("no environment found: the test looks in the wrong place")
	}
	for of, names := range read {
		slices.Sort(names)
		if !slices.Equal(names, set[of]) {
			t.Errorf("functions/%s reads\n %v, the template sets\n %v", of, names, set[of])
		}
	}
}

// environments reads which names the synthesized template sets for each function, sorted.
func environments(t *testing.T) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile("../infra/template.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string
			Metadata   map[string]any
			Properties json.RawMessage
		}
	}
	if err := json.Unmarshal(raw, &template); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, r := range template.Resources {
		of, ok := r.Metadata["parley:function"].(string)
		if r.Type != "AWS::Lambda::Function" || !ok {
			continue
		}
		var p struct {
			Environment struct{ Variables map[string]any }
		}
		if err := json.Unmarshal(r.Properties, &p); err != nil {
			t.Fatal(err)
		}
		out[of] = slices.Sorted(maps.Keys(p.Environment.Variables))
	}
	return out
}

// TestFunctionsAskInboxAboutStatus: what a status means is decided in one place.
func TestFunctionsAskInboxAboutStatus(t *testing.T) {
	sources(t, "functions/*", func(file string, n ast.Node, _ string) {
		var compared []ast.Expr
		switch n := n.(type) {
		case *ast.BinaryExpr:
			compared = []ast.Expr{n.X, n.Y}
		case *ast.CaseClause:
			compared = n.List
		}
		for _, e := range compared {
			if pkg, name, ok := selector(e); ok && pkg == "inbox" && (name == "Open" || name == "Closed") {
				t.Errorf("%s branches on inbox.%s: ask inbox what to do about a thread's status", file, name)
			}
		}
	})
}

// sources walks the syntax of the non-test files of matching packages; function is the name of the function around the node.
func sources(t *testing.T, patterns string, visit func(file string, n ast.Node, function string)) {
	t.Helper()
	for _, p := range packages(t) {
		if !matches(patterns, p.folder()) {
			continue
		}
		for _, f := range p.GoFiles {
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				function := ""
				if fd, ok := d.(*ast.FuncDecl); ok {
					function = fd.Name.Name
				}
				ast.Inspect(d, func(n ast.Node) bool {
					if n != nil {
						visit(p.folder()+"/"+f, n, function)
					}
					return true
				})
			}
		}
	}
}

// selector takes pkg.Name apart.
func selector(n ast.Node) (pkg, name string, ok bool) {
	s, ok := n.(*ast.SelectorExpr)
	if !ok {
		return "", "", false
	}
	if id, isIdent := s.X.(*ast.Ident); isIdent {
		pkg = id.Name
	}
	return pkg, s.Sel.Name, true
}
