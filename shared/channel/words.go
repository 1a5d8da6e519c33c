package channel

import (
	"maps"
	"slices"
	"strings"
)

// words are the sentences of all codes; {x} is an argument.
var words = map[string]string{
	"is-healthy":      "Mail comes in and goes out.",
	"is-new":          "Not looked at yet.",
	"is-paused":       "Paused: new conversations wait in Filtered, running ones go on.",
	"is-disconnected": "Not connected any more. Its conversations stay.",
	"is-refused":      "The last reply was refused: {reason}",

	"mx-found":     "Mail for {domain} goes to Amazon SES.",
	"mx-missing":   "{domain} has no MX record yet. Add this one where the domain is managed.",
	"mx-elsewhere": "Mail for {domain} goes to {other}. Replace that MX record by this one.",
	"mx-shared":    "Besides ours there is the MX record {other}: what that server takes never comes here. Remove it.",
	"mx-unknown":   "DNS did not say where mail for {domain} goes.",

	"rule-covers":  "Amazon SES takes mail for {domain}.",
	"rule-missing": "Amazon SES does not take mail for {domain} yet. That is set up within a minute or two, without you.",
	"rule-unknown": "It is not known whether Amazon SES takes mail for {domain}: the receipt rule has not been looked at yet.",

	"confirmation-waits": "{from} asks for a confirmation before it forwards.",

	"test-never":        "Nobody has tried yet. Send a test mail to {address}: it should come in at {hosted}.",
	"test-never-hosted": "Send a test mail to see that mail comes in.",
	"test-mail-comes":   "Mail comes in.",
	"test-under-way":    "The test mail to {address} is on its way.",
	"test-lost":         "The test mail to {address} has not come in.",
	"test-lost-forward": "The test mail reached no further than {address}: forwarding to {hosted} is not set up, not confirmed, or not allowed by its provider.",
	"test-astray":       "The test mail came in at {at}, which is another account's. Forward to {hosted}.",
	"test-altered":      "The test mail came in as a new message of the mailbox's: customers would not be known. Use redirect instead of forward, to {hosted}.",
	"test-arrived":      "The test mail came in after {took}.",

	"identity-public":   "Nobody can prove {domain}: it is a mail provider's for everybody. Replies leave from the hosted address.",
	"identity-unknown":  "Amazon SES did not say what it knows of {domain}.",
	"identity-pending":  "The records are not all found yet. Most take an hour at most. Until then replies leave from the hosted address.",
	"identity-failed":   "Amazon SES gave up looking for the records of {domain}. Add them, then check again.",
	"identity-verified": "Replies are signed as {domain} (DKIM).",

	"spf-carrier": "The envelope sender is Amazon SES's own, which passes SPF; the signature proves the domain.",
	"spf-own":     "The envelope sender is of {domain}, which passes SPF.",
	"spf-pending": "The envelope sender's domain {domain} is set up at Amazon SES, and lacks records.",
	"spf-unknown": "Amazon SES did not say which envelope sender it uses.",

	"dmarc-found":   "The domain has a DMARC policy: {policy}.",
	"dmarc-missing": "{domain} has no DMARC record. Not needed to start; this one shows who sends in its name.",
	"dmarc-unknown": "DNS did not say whether {domain} has a DMARC record.",

	"account-open":    "Amazon SES sends to everybody.",
	"account-sandbox": "Amazon SES is in its sandbox: it sends to proved addresses only, 200 mails a day. Ask for production access in its console.",
	"account-stopped": "Amazon SES has stopped this AWS account from sending. Its console says why.",
	"account-unknown": "Amazon SES did not say whether it sends.",
}

// Codes are all codes, sorted: pages have a sentence for each.
func Codes() []string { return slices.Sorted(maps.Keys(words)) }

// say makes a check; args are pairs of name and value.
func say(name string, state State, code string, args ...string) Check {
	text, ok := words[code]
	if !ok {
		panic("channel: no words for " + code)
	}
	c := Check{Name: name, State: state, Code: code}
	for i := 0; i < len(args); i += 2 {
		if c.Args == nil {
			c.Args = map[string]string{}
		}
		c.Args[args[i]] = args[i+1]
		text = strings.ReplaceAll(text, "{"+args[i]+"}", args[i+1])
	}
	c.Text = text
	return c
}
