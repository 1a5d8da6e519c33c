// Package mailrule puts this stage's receipt rule into the account's active rule set, and takes it out again.
//
// Trigger: CloudFormation, for the stack's custom resource: created, changed, deleted. Only a deployment calls it.
// Reads: SES: which rule set is active.
// Writes: SES: this stage's one rule; set "parley", created and activated, if the account has no active set. CloudFormation's answer.
// Redelivery: does no harm: a rule that is there is changed to what it should be, one that is gone is gone.
// Parks: nothing. What fails fails the deployment, with the reason in its events; a delete never fails for what is not there.
//
// SES has one active set per account and region, and CloudFormation cannot activate one (aws-cdk #28823): a set of the stack's own would
// either never be asked or switch off everybody else's mail. The resource's id is "<set>/<rule>", so if another set has become the active
// one, an update (parameter MailRuleAttempt) puts the rule there and CloudFormation then deletes the old id.
package mailrule
