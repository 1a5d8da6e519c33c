package people_test

import (
	"testing"

	"parley/shared/people"
)

func TestEmailAlias(t *testing.T) {
	if got := people.EmailAlias(" Lena@Shop.Example\t"); got != (people.Alias{Kind: "email", Value: "lena@shop.example"}) {
		t.Errorf("%+v", got)
	}
}

func TestLearn(t *testing.T) {
	for _, c := range []struct{ has, hears, want string }{
		{"", " Lena ", "Lena"}, {"Lena", "Boss", "Lena"}, {"", "  ", ""},
	} {
		got, changed := people.Contact{Name: c.has}.Learn(c.hears)
		if got.Name != c.want || changed != (got.Name != c.has) {
			t.Errorf("%q hearing %q: %q, changed %v", c.has, c.hears, got.Name, changed)
		}
	}
}
