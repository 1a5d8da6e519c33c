package mailer_test

import (
	"testing"

	"parley/shared/mailer"
)

func TestRefuses(t *testing.T) {
	for name, want := range map[string]bool{
		"setup.exe": true, "SETUP.EXE": true, "a.tar.js": true, "invoice.pdf.vbs": true, "macro.psc2": true, "setup.exe.": true, "setup.exe ": true,
		"invoice.pdf": false, "exe": false, "exe.pdf": false, "a.zip": false, "": false, ".bat": true, "ünï.docx": false,
	} {
		if got := mailer.Refuses(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
