package article

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// terms are the words of a text that say something, folded and brought to their stems.
func terms(text string) []string {
	var out []string
	words := strings.FieldsFunc(strings.ToLower(norm.NFC.String(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '\'' && r != '’'
	})
	for _, w := range words {
		w, _, _ = strings.Cut(strings.ReplaceAll(w, "’", "'"), "'") // what's, Anna's
		if w = fold(w); w != "" && !stop[w] {
			out = append(out, stem(w))
		}
	}
	return out
}

var umlauts = strings.NewReplacer("ß", "ss", "ae", "a", "oe", "o", "ue", "u")

// fold writes a word without accents. Umlauts are one with their vowel however they are written: Häuser, Haeuser and Hauser are the same.
func fold(w string) string {
	w = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(w))
	return umlauts.Replace(w)
}

// endings of English and German words, in the order in which they are tried. One list for both: a question does not say its language.
var endings = []string{
	"ungen", "ments", "ings", "ment", "ung", "ing", "ern", "est", "ers", "ies", "ied", "em", "er", "en", "es", "ed", "ly", "e", "s", "n", "t", "y", "i",
}

const stemRunes = 4 // a stem has at least so many

// stem takes endings off while enough of the word is left. It is coarser than a dictionary's stem: a question has few words, and they must meet.
func stem(w string) string {
	if strings.IndexFunc(w, unicode.IsNumber) >= 0 {
		return w
	}
	r := []rune(w)
	if len(r) > 6 && strings.HasPrefix(w, "ge") && (strings.HasSuffix(w, "t") || strings.HasSuffix(w, "en")) { // geliefert
		r = r[2:]
	}
	for {
		before := len(r)
		for _, e := range endings {
			n := len([]rune(e))
			if len(r)-n >= stemRunes && string(r[len(r)-n:]) == e {
				r = r[:len(r)-n]
				break
			}
		}
		if len(r) == before {
			break
		}
	}
	if n := len(r); n > stemRunes && r[n-1] == r[n-2] { // shipping, shipped
		r = r[:n-1]
	}
	return string(r)
}

var stop = stopWords(`
a about after all also am an and any are as at be because been before but by can could did do does doing done for from get got had has have hello help
here hey hi how i if in into is it its just know let like may me might must my need no not of on one or our out please shall she should so some someone
tell than thank thanks that the their them then there these they this to too up us very want was way we were what when where which while who whom why
will with work works would yes you your
aber alle als also am an auch auf aus bei bin bis bitte da damit danke dann das dass dein deine dem den denn der des dich die dies diese dieser dir doch
du ein eine einem einen einer eines er es etwas euch euer eure für gibt habe haben hallo hat hatte hätte hier ich ihm ihn ihr ihre ihren ihrer im in ist ja
jemand kann kannst kein keine können könnt könnte man mein meine meinem meinen meiner mich mir mit möchte muss nach nein nicht noch nun nur ob oder ohne
schon sehr sein seine sich sie sind so soll sollte um und uns unser unsere vom von vor war wann warum was weil welche welcher welches wenn wer werde
werden wie wieso will wir wird wo wohin worden wurde würde zu zum zur geht
`)

func stopWords(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[fold(w)] = true
	}
	return out
}
