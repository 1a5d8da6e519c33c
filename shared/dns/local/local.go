// Package local is the dns port of local mode, which asks nobody: it knows the records of one file, and without it nothing.
//
// Owns: that file: {"kiln.example": {"MX": ["10 mail.kiln.example"], "TXT": ["…"], "CNAME": ["…"]}}. Never: the network.
// Imported by: infra/local, infra/rehearsal.
package local

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	"parley/shared/dns"
	"parley/shared/fault"
)

// Zone is the file's path.
type Zone string

// Lookup implements dns.Resolver. The file is read anew each time, so that whoever tries something out need not start anew.
func (z Zone) Lookup(_ context.Context, kind dns.Kind, name string) ([]string, error) {
	raw, err := os.ReadFile(string(z))
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "Local mode asks no DNS.")
	}
	var zone map[string]map[dns.Kind][]string
	if err := json.Unmarshal(raw, &zone); err != nil {
		return nil, err
	}
	var out []string
	for _, v := range zone[strings.ToLower(strings.TrimSuffix(name, "."))][kind] {
		if kind == dns.MX { // "10 mail.kiln.example", as people write it
			v = v[strings.LastIndexByte(v, ' ')+1:]
		}
		out = append(out, v)
	}
	return out, nil
}
