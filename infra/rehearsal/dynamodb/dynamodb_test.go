package dynamodb_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/cloud/cloudtest"
	"parley/infra/rehearsal/dynamodb"
)

// TestRights: which actions on which ARNs each operation asks for.
func TestRights(t *testing.T) {
	ctx := context.Background()
	forwarded := 0
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		forwarded++
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=db1/") {
			t.Errorf("it reaches the database of %q", r.Header.Get("Authorization"))
		}
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte("{}"))
	}))
	defer back.Close()
	e := &dynamodb.Endpoint{URL: back.URL, Name: "db1", Region: cloudtest.Region, Client: back.Client(), Arn: func(table string) string { return "arn:aws:dynamodb:eu-west-1:123456789012:table/" + table }}
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "p"}, "sk": &types.AttributeValueMemberS{Value: "s"}}
	a, b, index, text := aws.String("aaa"), aws.String("bbb"), aws.String("views"), aws.String("x")
	cases := map[string]struct {
		do   func(c *awsdynamodb.Client) error
		need []string
	}{
		"get": {func(c *awsdynamodb.Client) error {
			_, err := c.GetItem(ctx, &awsdynamodb.GetItemInput{TableName: a, Key: key})
			return err
		}, []string{"GetItem table/aaa"}},
		"put": {func(c *awsdynamodb.Client) error {
			_, err := c.PutItem(ctx, &awsdynamodb.PutItemInput{TableName: a, Item: key})
			return err
		}, []string{"PutItem table/aaa"}},
		"query": {func(c *awsdynamodb.Client) error {
			_, err := c.Query(ctx, &awsdynamodb.QueryInput{TableName: a, KeyConditionExpression: text})
			return err
		}, []string{"Query table/aaa"}},
		"query of an index": {func(c *awsdynamodb.Client) error {
			_, err := c.Query(ctx, &awsdynamodb.QueryInput{TableName: a, IndexName: index, KeyConditionExpression: text})
			return err
		}, []string{"Query table/aaa/index/views"}},
		"batch": {func(c *awsdynamodb.Client) error {
			_, err := c.BatchGetItem(ctx, &awsdynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"aaa": {Keys: []map[string]types.AttributeValue{key}}, "bbb": {Keys: []map[string]types.AttributeValue{key}}}})
			return err
		}, []string{"BatchGetItem table/aaa", "BatchGetItem table/bbb"}},
		"transaction": {func(c *awsdynamodb.Client) error {
			_, err := c.TransactWriteItems(ctx, &awsdynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{TableName: a, Item: key}},
				{Delete: &types.Delete{TableName: b, Key: key}},
				{Update: &types.Update{TableName: b, Key: key, UpdateExpression: text}},
				{ConditionCheck: &types.ConditionCheck{TableName: a, Key: key, ConditionExpression: text}},
			}})
			return err
		}, []string{"ConditionCheckItem table/aaa", "DeleteItem table/bbb", "PutItem table/aaa", "UpdateItem table/bbb"}},
		"scan": {func(c *awsdynamodb.Client) error {
			_, err := c.Scan(ctx, &awsdynamodb.ScanInput{TableName: a})
			return err
		}, []string{"Scan table/aaa"}},
	}
	for what, c := range cases {
		t.Run(what, func(t *testing.T) {
			all := cloudtest.Open(t, `{"Effect":"Allow","Action":"*","Resource":"*"}`, cloudtest.Handler("dynamodb", "dynamodb", e, cloud.RefuseJSON))
			if err := c.do(awsdynamodb.NewFromConfig(cloudtest.Config(all))); err != nil {
				t.Fatal(err)
			}
			var asked []string
			for _, s := range all.Ledger.Seen() {
				asked = append(asked, strings.TrimPrefix(s.Action, "dynamodb:")+" "+strings.TrimPrefix(s.Resource, "dynamodb:"))
			}
			if slices.Sort(asked); !slices.Equal(asked, c.need) {
				t.Errorf("asked for %v, want %v", asked, c.need)
			}
			// Without any one of them nothing is done.
			for i, missing := range c.need {
				var rest []string
				for j, n := range c.need {
					action, resource, _ := strings.Cut(n, " ")
					if i != j {
						rest = append(rest, `{"Effect":"Allow","Action":"dynamodb:`+action+`","Resource":"arn:aws:dynamodb:eu-west-1:123456789012:`+resource+`"}`)
					}
				}
				some := cloudtest.Open(t, strings.Join(append(rest, `{"Effect":"Allow","Action":"x:y","Resource":"*"}`), ","), cloudtest.Handler("dynamodb", "dynamodb", e, cloud.RefuseJSON))
				before := forwarded
				err := c.do(awsdynamodb.NewFromConfig(cloudtest.Config(some)))
				var api smithy.APIError
				if !errors.As(err, &api) || api.ErrorCode() != "AccessDeniedException" || forwarded != before {
					t.Errorf("without %s: %v, forwarded %v", missing, err, forwarded != before)
				}
			}
		})
	}
	c := cloudtest.Open(t, `{"Effect":"Allow","Action":"*","Resource":"*"}`, cloudtest.Handler("dynamodb", "dynamodb", e, cloud.RefuseJSON))
	before := forwarded
	if _, err := awsdynamodb.NewFromConfig(cloudtest.Config(c)).DeleteTable(ctx, &awsdynamodb.DeleteTableInput{TableName: a}); err == nil || forwarded != before {
		t.Errorf("an operation that nobody judged: %v", err)
	}
}
