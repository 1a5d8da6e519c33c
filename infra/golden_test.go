package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write template.golden.json anew")

const goldenFile = "template.golden.json"

// What all tests of this package look at. Synthesizing is slow and jsii is one process for all, so TestMain does it, once a stage.
var dev, prod template

// again is a second synthesis of dev: the same input must give the same bytes.
var again []byte

// nagReport is what cdk-nag says of prod.
var nagReport []byte

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	defer jsii.Close()
	for _, synth := range []struct {
		stage string
		into  func([]byte) error
	}{
		{"dev", func(raw []byte) error { return json.Unmarshal(raw, &dev) }},
		{"dev", func(raw []byte) error { again = raw; return nil }},
		{prodStage, func(raw []byte) error { return json.Unmarshal(raw, &prod) }},
	} {
		raw, err := synthesize(synth.stage)
		if err == nil {
			err = synth.into(raw)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "synthesize", synth.stage+":", err)
			return 1
		}
	}
	return m.Run()
}

// synthesize builds a stage with the context of cdk.json and returns its normalised template. All functions share one fixture asset: the golden
// must not change with every edit of a function, and `go test` does not see what jsii's child process reads.
func synthesize(stage string) ([]byte, error) {
	var cdk struct{ Context map[string]any }
	raw, err := os.ReadFile("../cdk.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &cdk); err != nil {
		return nil, err
	}
	cdk.Context["stage"] = stage
	if stage == prodStage { // with all that a context may fill in
		cdk.Context["domain"], cdk.Context["certificate"] = "inbox.example.com", "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"
		cdk.Context["adminEmail"] = "ada@example.com"
	}
	out, err := os.MkdirTemp("", "parley-synth")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(out)
	app := awscdk.NewApp(&awscdk.AppProps{
		Context: &cdk.Context, Outdir: jsii.String(out), AnalyticsReporting: jsii.Bool(false),
	})
	c, err := readConfig(app)
	if err != nil {
		return nil, err
	}
	c.asset = func(string) string { return "testdata/asset" }
	newStack(app, c)
	if stage == prodStage {
		awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
			Reports: jsii.Bool(true), ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON}, Verbose: jsii.Bool(false),
		}), nil)
	}
	app.Synth(nil)
	if stage == prodStage {
		if nagReport, err = os.ReadFile(filepath.Join(out, "AwsSolutions-Parley-"+stage+"-NagReport.json")); err != nil {
			return nil, err
		}
	}
	if raw, err = os.ReadFile(filepath.Join(out, "Parley-"+stage+".template.json")); err != nil {
		return nil, err
	}
	return normalise(raw)
}

// normalise sorts keys and puts the function's name where the hash of its asset stood.
func normalise(raw []byte) ([]byte, error) {
	var t map[string]any
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, err
	}
	for _, r := range t["Resources"].(map[string]any) {
		r := r.(map[string]any)
		if r["Type"] == "AWS::Lambda::Function" {
			code := r["Properties"].(map[string]any)["Code"].(map[string]any)
			code["S3Key"] = r["Metadata"].(map[string]any)["parley:function"]
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(t)
	return b.Bytes(), err
}

func TestTemplateGolden(t *testing.T) {
	got, err := json.Marshal(dev.raw)
	if err != nil {
		t.Fatal(err)
	}
	if got, err = normalise(got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(again), string(got)); diff != "" {
		t.Errorf("two syntheses differ:\n%s", diff)
	}
	if *update {
		if err := os.WriteFile(goldenFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		var golden template
		if err := json.Unmarshal(want, &golden); err != nil {
			t.Fatal(err)
		}
		lost, gained := rightsBetween(t, golden, dev)
		t.Errorf("%s is not what infra synthesizes; if the change is meant, run `go test ./infra -run TestTemplateGolden -update` and read the diff.\n"+
			"rights lost: %q\nrights gained: %q\n%s", goldenFile, lost, gained, diff)
	}
}

// The golden is synthesized with fixture assets by the test; what `cdk synth` writes must differ in nothing else, so the context must switch off
// everything the CLI would add.
func TestCLIAddsNothing(t *testing.T) {
	raw, err := os.ReadFile("../cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	var cdk map[string]any
	if err := json.Unmarshal(raw, &cdk); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"notices", "versionReporting", "pathMetadata", "assetMetadata"} {
		if on, ok := cdk[key].(bool); !ok || on {
			t.Errorf("cdk.json %s = %v, want false", key, cdk[key])
		}
	}
	if on, ok := cdk["context"].(map[string]any)["cli-telemetry"].(bool); !ok || on {
		t.Error("cdk.json: context cli-telemetry is not false")
	}
}
