package email

// What tests of package email_test look at.
var (
	Forwarded    = forwarded
	ReadableDate = readableDate
	SignLine     = signLine
)
