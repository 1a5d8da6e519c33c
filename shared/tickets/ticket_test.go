package tickets_test

import (
	"strings"
	"testing"

	"parley/shared/fault"
	"parley/shared/tickets"
)

func TestClean(t *testing.T) {
	for _, stage := range tickets.Stages() {
		got, err := tickets.Ticket{Subject: " Broken \n lamp ", Stage: stage}.Clean()
		if err != nil || got.Subject != "Broken lamp" {
			t.Errorf("%s: %+v %v", stage, got, err)
		}
	}
	for _, bad := range []tickets.Ticket{
		{Subject: " ", Stage: tickets.New},
		{Subject: strings.Repeat("ä", tickets.SubjectRunes+1), Stage: tickets.New},
		{Subject: "a\x00b", Stage: tickets.New},
		{Subject: "x"},
		{Subject: "x", Stage: "done"},
	} {
		if _, err := bad.Clean(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestCalled(t *testing.T) {
	for subject, want := range map[string]string{
		"":                        "",
		" a \n b ":                "a b",
		strings.Repeat("ä", 200):  strings.Repeat("ä", 200),
		strings.Repeat("ä", 1000): strings.Repeat("ä", 199) + "…",
	} {
		if got := tickets.Called(subject); got != want {
			t.Errorf("%q", got)
		}
	}
}
