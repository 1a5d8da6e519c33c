// Package cloudtest opens an edge with one service and one role, for the tests of endpoints with the real SDK.
//
// Owns: a role "f" with the statements of a test, its credentials. Never: production code.
// Imported by: tests of the endpoints.
package cloudtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
	"parley/infra/rehearsal/sigv4"
)

// Region and Account are where tests play.
const (
	Region  = "eu-west-1"
	Account = "123456789012"
)

const tmpl = `{"Resources":{
 "F":{"Type":"AWS::Lambda::Function","Metadata":{"parley:function":"f"},"Properties":{"Role":{"Fn::GetAtt":["R","Arn"]}}},
 "R":{"Type":"AWS::IAM::Role","Properties":{"Policies":[{"PolicyName":"p","PolicyDocument":{"Version":"2012-10-17","Statement":[%s]}}]}}}}`

type keys struct{ one sigv4.Credential }

func (k keys) Credential(id string) (sigv4.Credential, bool) { return k.one, id == k.one.ID }

// Open starts an edge with services, for a role that may do what the statements (JSON, comma between two) say.
func Open(t *testing.T, statements string, services ...cloud.Service) *cloud.Cloud {
	t.Helper()
	p, err := iam.Load([]byte(strings.Replace(tmpl, "%s", statements, 1)), func(string, string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud.Cloud{
		Ledger: iam.NewLedger(p), Services: services,
		Verifier: sigv4.Verifier{Region: Region, Now: time.Now, Keys: keys{sigv4.Credential{ID: "ASIATEST", Secret: "secret", Token: "token", Role: "f", Session: "f-1"}}},
	}
	if err := c.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Config is the SDK's configuration of that role.
func Config(c *cloud.Cloud) aws.Config { return As(c, "secret") }

// As is the configuration of somebody who believes that the secret is this.
func As(c *cloud.Cloud, secret string) aws.Config {
	return aws.Config{
		Region: Region, HTTPClient: c.Client(), Credentials: credentials.NewStaticCredentialsProvider("ASIATEST", secret, "token"),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported, ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// Host serves one AWS name.
func Host(service string) func(string) bool {
	return func(host string) bool { return host == service+"."+Region+".amazonaws.com" }
}

// Handler is a service of a single handler.
func Handler(name, host string, h http.Handler, refuse func(http.ResponseWriter, int, string, string)) cloud.Service {
	return cloud.Service{Name: name, Serves: Host(host), Handler: h, Refuse: refuse}
}
