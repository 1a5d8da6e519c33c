// Coldstart prints how large each function's bootstrap is as it deploys (arm64, stripped, not compressed) and how long a build of it for this
// machine takes from the start of its process to its first question for work: one "name value unit" a line. `make bench` runs it.
//
// The time is the median of some starts with the binary in the page cache. It holds what a function does before it takes work (ingest and
// deliver fetch their signing key, here from this process), but not what Lambda does before it starts the process, nor Lambda's slower CPUs.
package main

import (
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/infra/local/template"
	"parley/infra/rehearsal/runtime"
)

func main() {
	deployed := flag.String("deployed", "dist", "where make build put the functions")
	native := flag.String("native", "dist/native", "the same, built for this machine")
	starts := flag.Int("starts", 15, "how often each is started")
	flag.Parse()
	log.SetFlags(0)
	if err := measure(*deployed, *native, *starts); err != nil {
		log.Fatal(err)
	}
}

func measure(deployed, native string, starts int) error {
	files, err := filepath.Glob(filepath.Join(native, "*", "bootstrap"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no function in %s: run make bench", native)
	}
	wiring, err := template.Load(filepath.Join("infra", "template.golden.json"))
	if err != nil {
		return err
	}
	lambda, err := runtime.New()
	if err != nil {
		return err
	}
	defer lambda.Close()
	secrets := httptest.NewServer(http.HandlerFunc(parameter))
	defer secrets.Close()
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		info, err := os.Stat(filepath.Join(deployed, name, "bootstrap"))
		if err != nil {
			return err
		}
		fmt.Printf("bootstrap.%s.size %d bytes\n", name, info.Size())
		f, err := function(name, file, wiring, secrets.URL)
		if err != nil {
			return err
		}
		lambda.Add(f)
		took, err := median(lambda, name, starts)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Printf("bootstrap.%s.start %s ms\n", name, strconv.FormatFloat(float64(took.Microseconds())/1000, 'g', 4, 64))
	}
	return nil
}

// function is one with the template's environment. What its names stand for does not matter: no work is taken.
func function(name, file string, wiring *template.Template, secrets string) (runtime.Function, error) {
	binary, err := filepath.Abs(file)
	f := runtime.Function{Name: name, Binary: binary, Cap: 1, Timeout: time.Minute, Memory: 512, Env: map[string]string{}}
	if err != nil {
		return f, err
	}
	if spec, ok := wiring.Function(name); ok {
		if f.Env, err = spec.Environment(func(id, att string) string { return strings.ToLower(id + att) }); err != nil {
			return f, err
		}
	}
	for k, v := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "ASIAX", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "AWS_ENDPOINT_URL_SSM": secrets,
	} {
		f.Env[k] = v
	}
	return f, nil
}

func median(lambda *runtime.Lambda, name string, starts int) (time.Duration, error) {
	if _, err := lambda.Start(name); err != nil { // fills the page cache
		return 0, err
	}
	var all []time.Duration
	for range starts {
		lambda.Recycle(name)
		took, err := lambda.Start(name)
		if err != nil {
			return 0, err
		}
		all = append(all, took)
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}

// parameter answers GetParameter with a key (API reference: AWS Systems Manager, GetParameter).
func parameter(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetParameter") {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"UnknownOperationException"}`)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	fmt.Fprintf(w, `{"Parameter":{"Name":"key","Type":"SecureString","Value":%q}}`, base64.StdEncoding.EncodeToString(make([]byte, 32)))
}
