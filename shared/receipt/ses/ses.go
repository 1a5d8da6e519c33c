// Package ses is the receipt port on Amazon SES. The rules are in its first API only (SESv2 has none).
//
// Owns: what SES's answers mean. Never: which set a rule goes to. Imported by: functions/mailrule/lambda, tests.
package ses

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/smithy-go"

	"parley/shared/fault"
	"parley/shared/receipt"
)

// Open returns the rules of the function's own account and region.
func Open(ctx context.Context) (receipt.Rules, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	return &rules{client: ses.NewFromConfig(cfg)}, nil
}

type rules struct{ client *ses.Client }

// Active implements receipt.Rules.
func (r *rules) Active(ctx context.Context) (string, error) {
	out, err := r.client.DescribeActiveReceiptRuleSet(ctx, &ses.DescribeActiveReceiptRuleSetInput{})
	if err != nil || out.Metadata == nil {
		return "", err
	}
	return aws.ToString(out.Metadata.Name), nil
}

// Create implements receipt.Rules.
func (r *rules) Create(ctx context.Context, set string) error {
	_, err := r.client.CreateReceiptRuleSet(ctx, &ses.CreateReceiptRuleSetInput{RuleSetName: &set})
	var there *types.AlreadyExistsException
	if errors.As(err, &there) {
		return nil
	}
	return err
}

// Activate implements receipt.Rules.
func (r *rules) Activate(ctx context.Context, set string) error {
	_, err := r.client.SetActiveReceiptRuleSet(ctx, &ses.SetActiveReceiptRuleSetInput{RuleSetName: &set})
	return coded(err)
}

// Put implements receipt.Rules. Without After, SES puts a new rule first: no catch-all of somebody else's can stop a mail before it.
func (r *rules) Put(ctx context.Context, set string, rule receipt.Rule) error {
	theirs := &types.ReceiptRule{
		Name: &rule.Name, Enabled: true, ScanEnabled: true, TlsPolicy: types.TlsPolicyOptional, Recipients: rule.Domains,
		Actions: []types.ReceiptAction{{S3Action: &types.S3Action{BucketName: &rule.Bucket, ObjectKeyPrefix: &rule.Prefix, TopicArn: &rule.Topic}}},
	}
	_, err := r.client.CreateReceiptRule(ctx, &ses.CreateReceiptRuleInput{RuleSetName: &set, Rule: theirs})
	var there *types.AlreadyExistsException
	if errors.As(err, &there) {
		_, err = r.client.UpdateReceiptRule(ctx, &ses.UpdateReceiptRuleInput{RuleSetName: &set, Rule: theirs})
	}
	return coded(err)
}

// Remove implements receipt.Rules. SES itself calls the removal of a missing rule a success, but not of one in a missing set.
func (r *rules) Remove(ctx context.Context, set, rule string) error {
	_, err := r.client.DeleteReceiptRule(ctx, &ses.DeleteReceiptRuleInput{RuleSetName: &set, RuleName: &rule})
	if err = coded(err); fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// coded goes by the code alone: each operation of the SDK knows only some of the types.
func coded(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode() {
	case "InvalidS3Configuration":
		return fault.Wrap(err, fault.Busy, "SES may not write to the mail bucket: %s", api.ErrorMessage())
	case "InvalidSnsTopic":
		return fault.Wrap(err, fault.Busy, "SES may not publish to the mail topic: %s", api.ErrorMessage())
	case "RuleSetDoesNotExist", "RuleDoesNotExist":
		return fault.Wrap(err, fault.NotFound, "there is no such receipt rule or rule set")
	}
	return err
}
