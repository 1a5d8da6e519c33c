package rehearsal_test

import "parley/infra/rehearsal/iam"

func reason(iam.Grant) string { return "" }
