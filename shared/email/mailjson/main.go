// Command mailjson prints what Parse makes of a mail, as JSON.
//
//	go run ./shared/email/mailjson < mail.eml
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"parley/shared/email"
)

func main() {
	raw, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mailjson:", err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(withFlags(email.Parse(raw))); err != nil {
		fmt.Fprintln(os.Stderr, "mailjson:", err)
		os.Exit(1)
	}
}

// flagged is a message with what was concluded about it gathered under "flags".
type flagged struct {
	email.Message
	Flags map[string]any `json:"flags"`
}

func withFlags(m email.Message) flagged {
	return flagged{m, map[string]any{"auto": m.Auto, "bounce": m.Bounce, "hops": m.Hops, "verdicts": m.Verdicts}}
}
