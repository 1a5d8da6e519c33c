// Package mailrule keeps this stage's receipt rule in the account's active rule set: it takes mail of the mail domain, and of every domain whose
// mail exchanger an account has made ours.
//
// Trigger: CloudFormation, for the stack's custom resource (created, changed, deleted), and the clock, every minute.
// Reads: settings: the accounts' domains, how far the rule has followed them. SES: which rule set is active.
// Writes: SES: this stage's one rule; set "parley", created and activated, if the account has no active set. CloudFormation's answer.
// Settings: how far the rule has followed, which accounts' checks show.
// Redelivery: does no harm: a rule that is there is changed to what it should be, one that is gone is gone.
// Parks: nothing. What fails fails the deployment, with the reason in its events; a delete never fails for what is not there. What the clock
// cannot do is noted where the checks show it, and tried again a minute later.
//
// SES has one active set per account and region, and CloudFormation cannot activate one (aws-cdk #28823): a set of the stack's own would
// either never be asked or switch off everybody else's mail. The resource's id is "<set>/<rule>", so if another set has become the active
// one, an update (parameter MailRuleAttempt) puts the rule there and CloudFormation then deletes the old id.
//
// The clock, because SES knows no narrower resource for receipt rules than all of them: whoever answers people's requests should not have
// that right. When nothing is to be done a run costs two small reads.
package mailrule
