package ssm_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/cloud/cloudtest"
	"parley/infra/rehearsal/ssm"
)

func TestParameters(t *testing.T) {
	ctx := context.Background()
	arn := func(name string) string {
		return "arn:aws:ssm:" + cloudtest.Region + ":" + cloudtest.Account + ":parameter" + name
	}
	c := cloudtest.Open(t, `{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"`+arn("/p/*")+`"},
	 {"Effect":"Allow","Action":"ssm:PutParameter","Resource":"`+arn("/p/*")+`","Condition":{"StringNotEquals":{"ssm:Overwrite":"true"}}}`,
		cloudtest.Handler("ssm", "ssm", &ssm.Endpoint{Arn: arn}, cloud.RefuseJSON))
	client := awsssm.NewFromConfig(cloudtest.Config(c))
	code := func(what string, err error, want string) {
		t.Helper()
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != want {
			t.Errorf("%s: got %v, want %s", what, err, want)
		}
	}
	get := func(name string) (*awsssm.GetParameterOutput, error) {
		return client.GetParameter(ctx, &awsssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
	}
	put := func(name, value string, overwrite bool) error {
		_, err := client.PutParameter(ctx, &awsssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeSecureString, Overwrite: &overwrite})
		return err
	}
	_, err := get("/p/a")
	code("missing", err, "ParameterNotFound")
	if err := put("/p/a", "one", false); err != nil {
		t.Fatal(err)
	}
	code("again", put("/p/a", "two", false), "ParameterAlreadyExists")
	code("over it", put("/p/a", "two", true), "AccessDeniedException")
	if out, err := get("/p/a"); err != nil || *out.Parameter.Value != "one" || out.Parameter.Version != 1 {
		t.Errorf("%+v %v", out, err)
	}
	_, err = get("/q/a")
	code("elsewhere", err, "AccessDeniedException")
}
