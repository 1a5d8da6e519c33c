package rehearsal_test

import (
	"strings"

	"parley/infra/rehearsal/iam"
)

// reasons say why a grant stays that no flow needs. Action and resource are beginnings; the resource is as the template writes it.
var reasons = []struct{ role, action, resource, why string }{
	{"deliver", "ssm:PutParameter", "", "whoever of ingest and deliver is first makes the signing key; an answer needs a mail, so here it is ingest"},
	{"mailrule", "logs:", "", "it writes only when a deployment goes wrong"},
	{"deliver", "ses:SendEmail", "", "SES names SendEmail for this call and checks SendRawEmail; seen from the error messages of others, not from AWS's reference"},
}

// reason is why an unused grant stays, "" if nobody said.
func reason(g iam.Grant) string {
	for _, r := range reasons {
		if r.role == g.Role && strings.HasPrefix(g.Action, r.action) && strings.HasPrefix(g.Resource, r.resource) {
			return r.why
		}
	}
	return ""
}
