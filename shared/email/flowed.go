package email

import "strings"

// unflow joins the lines of format=flowed (RFC 3676): a line that ends in a blank goes on in the next one, if both are quoted as
// deep. delSp drops that blank, for languages that write without any.
func unflow(s string, delSp bool) string {
	var out strings.Builder
	out.Grow(len(s))
	first, open, depth := true, false, 0
	for line := range strings.SplitSeq(s, "\n") {
		rest := strings.TrimLeft(line, ">")
		quotes := len(line) - len(rest)
		rest = strings.TrimPrefix(rest, " ") // a blank before it was stuffed
		signature := rest == "-- "
		if !open || quotes != depth || signature || rest == "" { // an empty line is meant, also behind a blank
			if !first {
				out.WriteByte('\n')
			}
			out.WriteString(line[:quotes])
			if quotes > 0 && rest != "" {
				out.WriteByte(' ')
			}
		}
		first, depth = false, quotes
		if open = strings.HasSuffix(rest, " ") && !signature; open && delSp {
			rest = rest[:len(rest)-1]
		}
		out.WriteString(rest)
	}
	return out.String()
}
