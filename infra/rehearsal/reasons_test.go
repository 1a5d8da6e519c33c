package rehearsal_test

import (
	"strings"

	"parley/infra/rehearsal/iam"
)

// why says why grants stay that no flow needs. Action and resource are beginnings; the resource is as the template writes it.
type why struct{ role, action, resource, text string }

var reasons = []why{
	{"deliver", "ssm:PutParameter", "", "whoever of ingest and deliver is first makes the signing key; an answer needs a mail, so here it is ingest"},
	{"agentapi", "ses:SendEmail", "", "as deliver's: SES names SendEmail for this call and checks SendRawEmail"},
	{"deliver", "ses:SendEmail", "", "SES names SendEmail for this call and checks SendRawEmail; seen from the error messages of others, not from AWS's reference"},
	{"websocket", "dynamodb:DeleteItem", "${ContactsTable.Arn}", "a contact that chats moves in its company's list of people once a day: a day passes in no flow"},
	{"sweep", "dynamodb:BatchGetItem", "${ContactsTable.Arn}", "a file names a company of which there are two by that name; the flow's are found one at a time"},
	{"callout", "s3:", "${FailuresBucket.Arn}", "Lambda asks for it of a mapping with an on-failure destination; no flow keeps a push from being written for six tries"},
	{"turn", "s3:", "${FailuresBucket.Arn}", "as callout's; no flow keeps a bot's turn from being taken for six tries: what cannot be taken ends at people"},
	{"turn", "dynamodb:DeleteItem", "${ContactsTable.Arn}", "as websocket's: a day passes in no flow"},
	{"turn", "dynamodb:DeleteItem", "${SocketsTable.Arn}", "a socket that is gone is forgotten by whoever pushes first; the scenes of others show it, with the same code (shared/live)"},
	{"turn", "dynamodb:GetItem", "${SocketsTable.Arn}", "as before: to forget a socket, what it watched is read"},
	{"mailrule", "logs:", "", "it writes only when a deployment goes wrong"},
}

func (w why) speaksOf(g iam.Grant) bool {
	return w.role == g.Role && strings.HasPrefix(g.Action, w.action) && strings.HasPrefix(g.Resource, w.resource)
}

// reason is why an unused grant stays, "" if nobody said.
func reason(g iam.Grant) string {
	for _, w := range reasons {
		if w.speaksOf(g) {
			return w.text
		}
	}
	return ""
}
