// Command doctor looks at a deployed stage from outside and names what is missing, with what to do about it. `make doctor` runs it.
//
// Owns: what must be true around the stack that CloudFormation cannot make true: DNS, SES's sandbox, the sender's identity.
// Never: changing anything.
// Imported by: nothing.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
)

func main() {
	file := flag.String("outputs", "dist/outputs.json", "what `cdk deploy --outputs-file` wrote")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	missing, err := run(ctx, *file, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "doctor:", err)
		os.Exit(2)
	}
	if missing > 0 {
		os.Exit(1)
	}
}

// lookup is DNS; tests have their own.
var lookup = net.DefaultResolver.LookupMX

func run(ctx context.Context, file string, out io.Writer) (missing int, err error) {
	d := doctor{http: &http.Client{Timeout: 10 * time.Second}, mx: lookup}
	if d.stack, err = read(file); err != nil {
		return 0, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return 0, err
	}
	d.ses, d.rules = sesv2.NewFromConfig(cfg), ses.NewFromConfig(cfg)
	return report(out, d.examine(ctx)), nil
}

// outputs are those of the stack that this program asks about.
type outputs struct {
	WebURL       string `json:"WebUrl"`
	MailDomain   string `json:"MailDomainName"`
	MailRule     string `json:"MailRuleName"`
	MailExchange string
}

func read(file string) (outputs, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return outputs{}, fmt.Errorf("deploy first: %w", err)
	}
	var stacks map[string]outputs
	if err := json.Unmarshal(raw, &stacks); err != nil {
		return outputs{}, fmt.Errorf("%s: %w", file, err)
	}
	for _, o := range stacks {
		if len(stacks) == 1 && o.WebURL != "" && o.MailDomain != "" && o.MailRule != "" && o.MailExchange != "" {
			return o, nil
		}
	}
	return outputs{}, fmt.Errorf("%s: want the outputs of one stack", file)
}

// finding is one thing that was looked at. todo is "" if all is well.
type finding struct {
	what string
	todo string
}

// report prints the findings and returns how many want something done.
func report(out io.Writer, findings []finding) (missing int) {
	for _, f := range findings {
		mark := "ok"
		if f.todo != "" {
			mark = "--"
			missing++
		}
		fmt.Fprintf(out, "%s  %s\n", mark, f.what)
		if f.todo != "" {
			fmt.Fprintf(out, "    %s\n", f.todo)
		}
	}
	return missing
}
