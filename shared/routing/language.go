package routing

import (
	"strings"
	"unicode"
)

// languages are words that people of a language cannot write two sentences without, and that its neighbours have fewer of. Statistics over
// letters (whatlanggo was tried) cannot tell the languages of a short message; these words can.
var languages = func() map[string][]string {
	out := map[string][]string{}
	for lang, words := range map[string]string{
		"en": `the and you is are was were my your have has had i it this that with for not can could would will please when where what how do does did
			hi hello thanks thank order we they been from there any get got`,
		"de": `der die das und ich ist sind war nicht mein meine ihr ihre haben habe hat ein eine einen mit für auf bitte wann wo was wie kann könnte
			wir sie danke hallo guten tag grüße bestellung noch schon auch zu zum von dem den wird wurde`,
		"fr": `le la les et je est suis sont était pas mon ma mes votre vos vous nous avez avoir ai un une avec pour sur quand où que qui comment puis
			pouvez merci bonjour commande du des au aux dans ce cette sera été il elle en ne`,
		"es": `el la los las y yo es está son no mi mis su sus usted tengo tiene un una con para por cuándo cuando dónde donde qué que cómo puedo gracias
			hola pedido del al en esta este ha muy pero sí llegará`,
		"it": `il lo la gli e io è sono non mio mia miei vostro ho ha un una con per quando dove che come posso grazie ciao ordine del della nel alla di
			questo questa arriva anche vorrei buongiorno mi si durante`,
		"pt": `o a os as e eu é está são não meu minha seu sua tenho tem um uma com para por quando onde que como posso obrigado obrigada olá encomenda
			pedido do da no na em este esta foi já mas você chega`,
		"nl": `de het een en ik is zijn was niet mijn uw jullie heb heeft met voor op wanneer waar wat hoe kan kunt graag bedankt hallo goedemorgen
			bestelling van dat dit wordt nog ook maar wij u er`,
		"sv": `och jag är inte min mitt mina har en ett med för på när var vad hur kan ni vi tack hej beställning av det den som att från till`,
		"da": `og jeg er ikke min mit mine har en et med for på hvornår hvor hvad hvordan kan i vi tak hej ordre af det den som at fra til bestilling`,
		"pl": `i ja jest są nie mój moja moje mam ma z do na kiedy gdzie co jak czy mogę proszę dziękuję dzień dobry zamówienie w od się to że dla`,
		"cs": `a já je jsou ne můj moje mám má s do na kdy kde co jak mohu prosím děkuji dobrý den objednávka v od se to že pro ale jsem`,
		"tr": `ve ben bu şu bir değil benim sizin var yok ile için ne zaman nerede nasıl mı mi lütfen teşekkürler merhaba sipariş siparişim da de çok`,
	} {
		for _, w := range strings.Fields(words) {
			out[w] = append(out[w], lang)
		}
	}
	return out
}()

// scripts are alphabets that tell the language, or the one of theirs that is most written.
var scripts = []struct {
	table *unicode.RangeTable
	lang  string
}{
	{unicode.Hiragana, "ja"},
	{unicode.Katakana, "ja"},
	{unicode.Hangul, "ko"},
	{unicode.Han, "zh"},
	{unicode.Cyrillic, "ru"},
	{unicode.Greek, "el"},
	{unicode.Arabic, "ar"},
	{unicode.Hebrew, "he"},
	{unicode.Thai, "th"},
	{unicode.Devanagari, "hi"},
}

// languageRunes is how much of a text is looked at.
const languageRunes = 2000

// Language is the language of a text, as an ISO 639-1 code; "" if it cannot be told: too short, or too near to another's.
func Language(text string) string {
	if len(text) > 4*languageRunes {
		text = text[:4*languageRunes]
	}
	latin, other := 0, map[string]int{}
	for _, r := range text {
		if unicode.Is(unicode.Latin, r) {
			latin++
			continue
		}
		for _, s := range scripts {
			if unicode.Is(s.table, r) {
				other[s.lang]++
				break
			}
		}
	}
	// Japanese is written with Chinese characters too, but not without its own.
	if other["ja"] > 0 && other["zh"] > 0 {
		other["ja"] += other["zh"]
		delete(other, "zh")
	}
	if lang, n, _ := most(other); n > 1 && n > latin/2 {
		return lang
	}
	votes := map[string]int{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		langs := languages[w]
		for _, l := range langs {
			votes[l] += 12 / len(langs) // a word that several have says little
		}
	}
	lang, first, second := most(votes)
	if first < 20 || first < second+second/4+6 {
		return ""
	}
	return lang
}

// most is the key with the greatest number, that number, and the next one.
func most(n map[string]int) (key string, first, second int) {
	for k, v := range n {
		switch {
		case v > first || v == first && k < key:
			if key != "" {
				second = max(second, first)
			}
			key, first = k, v
		case v > second:
			second = v
		}
	}
	return key, first, second
}
