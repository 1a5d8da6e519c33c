package email

import (
	"bytes"
	"math"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// tongue is what one language looks like: how likely its readers are to meet each of its characters. A charset is guessed by
// asking, for each charset and the languages written in it, how likely the bytes are as a text of that language.
type tongue struct {
	charset string
	enc     encoding.Encoding
	cost    map[rune]float64 // of a letter: -log of its probability
	other   func(r rune) float64
	single  bool // one byte a letter
	latin   bool // its letters beyond ASCII stand alone between ASCII letters
}

// never is the cost of what no text of a language holds.
const never = 12

// rank gives the letters of a string, most frequent first, costs that grow evenly: letter frequencies fall about geometrically.
func rank(letters string, ratio float64) map[rune]float64 {
	costs := map[rune]float64{}
	weight, sum := 1.0, 0.0
	for range letters {
		sum += weight
		weight *= ratio
	}
	weight = 1
	for _, r := range letters {
		if _, dup := costs[r]; !dup {
			costs[r] = -math.Log(weight / sum)
		}
		weight *= ratio
	}
	return costs
}

// alphabet is a language with a charset of one byte a letter.
func alphabet(charset string, enc encoding.Encoding, letters string) tongue {
	costs := rank(letters, 0.9)
	for r, c := range rank(letters, 0.9) {
		if u := unicode.ToUpper(r); u != r {
			if _, dup := costs[u]; !dup {
				costs[u] = c + 3
			}
		}
	}
	return tongue{charset: charset, enc: enc, cost: costs, other: markCost, single: true}
}

// accented is a language of ASCII letters and some more.
func accented(charset string, enc encoding.Encoding, letters string) tongue {
	t := alphabet(charset, enc, letters)
	t.latin = true
	return t
}

// markCost is for what is no letter: the quotation marks and dashes that word processors set are common, the rest is not.
func markCost(r rune) float64 {
	switch r {
	case '\u00a0', '«', '»', '–', '—', '“', '”', '„', '’', '…', '№', '©', '®', '°', '·', '¶', '§':
		return 4
	case '‘', '‚', '•', '€', '£', '™', '´':
		return 6
	}
	return never
}

// hanCost is for a character that is none of a language's common ones.
func hanCost(r rune) float64 {
	switch {
	case r >= 0x4e00 && r <= 0x9fa5:
		return 9.4
	case r >= 0x3001 && r <= 0x3011, r >= 0xff01 && r <= 0xff1f: // 、。「」 ，！（）：
		return 4.5
	case r == '“', r == '”', r == '‘', r == '’', r == '…', r == '—', r == '·', r == '\u3000', r >= 0xff21 && r <= 0xff5e:
		return 6.5
	case r >= 0x2460 && r <= 0x266f, r >= 0x2190 && r <= 0x21ff: // ① ■ →
		return 8
	case r >= 0x3041 && r <= 0x30fc:
		return 9.4
	}
	return 2 * never
}

// kanaCost adds to hanCost what Japanese has: katakana spell foreign names.
func kanaCost(r rune) float64 {
	switch {
	case r >= 0x30a1 && r <= 0x30fc:
		return 6
	case r >= 0xff61 && r <= 0xff9f: // half-width
		return 8
	}
	return hanCost(r)
}

// hangulCost adds to hanCost the less common syllables of Korean; hanja are rare in it.
func hangulCost(r rune) float64 {
	switch {
	case r >= 0xac00 && r <= 0xd7a3:
		return 8.5
	case r >= 0x3001 && r <= 0x3011:
		return 7
	case r >= 0x3041 && r <= 0x9fa5:
		return 11
	}
	return hanCost(r)
}

func syllables(letters string, share float64) map[rune]float64 {
	costs := rank(letters, 0.996)
	for r := range costs {
		costs[r] -= math.Log(share)
	}
	return costs
}

// tongues are the languages that are told apart. What is written in Windows-1252 stands first: it is what is believed if the
// evidence is thin.
var tongues = []tongue{
	accented("windows-1252", charmap.Windows1252, "üäößé"),                            // German
	accented("windows-1252", charmap.Windows1252, "éàèêçùôûâîïëœ"),                    // French
	accented("windows-1252", charmap.Windows1252, "óíáéñú¿¡üº"),                       // Spanish
	accented("windows-1252", charmap.Windows1252, "ãçáéíóêõúâàôº"),                    // Portuguese
	accented("windows-1252", charmap.Windows1252, "èàùòìéç"),                          // Italian, Catalan
	accented("windows-1252", charmap.Windows1252, "äåöøæéëïóèü"),                      // Nordic, Dutch
	accented("windows-1252", charmap.Windows1252, "íáðóúæþéöýÍÁÓÚÞ"),                  // Icelandic
	accented("windows-1252", charmap.Windows1252, "éäöüáèíóàçñåøâêãúôîæûëßïõýœùòìðþ"), // names of all countries
	accented("windows-1250", charmap.Windows1250, "óąęłżśćńź"),                        // Polish
	accented("iso-8859-2", charmap.ISO8859_2, "óąęłżśćńź"),
	accented("windows-1250", charmap.Windows1250, "áíéýěřčžšůúľťňôäďóĺ"), // Czech, Slovak
	accented("iso-8859-2", charmap.ISO8859_2, "áíéýěřčžšůúľťňôäďóĺ"),
	accented("windows-1250", charmap.Windows1250, "éáöóőüíúű"), // Hungarian
	accented("iso-8859-2", charmap.ISO8859_2, "éáöóőüíúű"),
	accented("windows-1250", charmap.Windows1250, "šžčćđ"), // Croatian, Slovene
	accented("iso-8859-2", charmap.ISO8859_2, "šžčćđ"),
	accented("windows-1250", charmap.Windows1250, "ăîţşâ"), // Romanian
	accented("iso-8859-2", charmap.ISO8859_2, "ăîţşâ"),
	accented("windows-1254", charmap.Windows1254, "ıüşğçöİâîŞ"), // Turkish
	alphabet("windows-1251", charmap.Windows1251, cyrillic),
	alphabet("koi8-u", charmap.KOI8U, cyrillic),
	alphabet("iso-8859-5", charmap.ISO8859_5, cyrillic),
	alphabet("windows-1253", charmap.Windows1253, "αοιετσνηυρπκμλςωδγάίόχέύήθφβώξζψϊ"),
	alphabet("windows-1255", charmap.Windows1255, "יוהלארתמבשנדחעקפגםצסטכזןךףץ"),
	alphabet("windows-1256", charmap.Windows1256, "الينمرتبودعفسقهكحجأةطصشخىذضزغثإءئظآؤ،"),
	alphabet("iso-8859-6", charmap.ISO8859_6, "الينمرتبودعفسقهكحجأةطصشخىذضزغثإءئظآؤ،"),
	alphabet("windows-874", charmap.Windows874, "านรอกเงมย่ลว้ัดทสตะิปบคหีแจพชขใไโผุูซธถ์ึืณษฉศ็ำญภฟฐฎฮๆฒฬฝฏ"),
	{charset: "gb18030", enc: simplifiedchinese.GB18030, cost: syllables(hanSimplified, 0.8), other: hanCost},
	{charset: "big5", enc: traditionalchinese.Big5, cost: syllables(hanTraditional, 0.8), other: hanCost},
	{charset: "shift_jis", enc: japanese.ShiftJIS, cost: japaneseCosts(), other: kanaCost},
	{charset: "euc-jp", enc: japanese.EUCJP, cost: japaneseCosts(), other: kanaCost},
	{charset: "euc-kr", enc: korean.EUCKR, cost: syllables(hangul, 0.9), other: hangulCost},
}

func japaneseCosts() map[rune]float64 {
	costs := syllables(kanji, 0.3)
	for r, c := range rank(hiragana, 0.97) {
		costs[r] = c + 0.6
	}
	return costs
}

// maxSample bounds the bytes that are looked at: more do not make the guess better.
const maxSample = 1536

// leastEvidence is by how much (in -log probability) another charset must explain the bytes better than Windows-1252 does.
const leastEvidence = 12

// leastLetters is how many bytes beyond ASCII a guess at a charset of one byte a letter needs.
const leastLetters = 10

// detectCharset guesses the charset of bytes that declare none and are not UTF-8. "" means that nothing speaks against Windows-1252.
func detectCharset(b []byte) string {
	sample := sampleOf(b)
	if len(sample) == 0 {
		return ""
	}
	best, western := math.Inf(1), math.Inf(1)
	charset, single := "", false
	decoded := map[string][]byte{}
	for i := range tongues {
		t := &tongues[i]
		text, done := decoded[t.charset]
		if !done {
			text, _ = t.enc.NewDecoder().Bytes(sample)
			decoded[t.charset] = text
		}
		if len(text) == 0 {
			continue
		}
		cost := t.costOf(text, best+leastEvidence)
		if t.charset == "windows-1252" {
			western = min(western, cost)
		}
		if cost < best {
			best, charset, single = cost, t.charset, t.single
		}
	}
	if charset == "windows-1252" || western-best < leastEvidence || single && letters(sample) < leastLetters {
		return ""
	}
	return charset
}

// letters counts bytes beyond ASCII.
func letters(b []byte) int {
	n := 0
	for _, c := range b {
		if c >= utf8.RuneSelf {
			n++
		}
	}
	return n
}

// sampleOf takes the lines that hold bytes beyond ASCII. A line end is never the second byte of a character.
func sampleOf(b []byte) []byte {
	var out []byte
	for len(b) > 0 && len(out) < maxSample {
		i := bytes.IndexFunc(b, func(r rune) bool { return r >= utf8.RuneSelf })
		if i < 0 {
			break
		}
		start := max(bytes.LastIndexByte(b[:i], '\n')+1, i-200)
		line, next := lineAt(b, i)
		line = b[start : i+len(line)]
		out = append(append(out, line[:min(len(line), maxSample-len(out))]...), '\n')
		b = b[next:]
	}
	return out
}

// costOf is -log of the probability of a text's characters beyond ASCII, where ASCII costs nothing. It stops counting, at something above most,
// once the rest of the text cannot bring it below: a character has two bytes at least, and gives back 2 at most.
func (t *tongue) costOf(text []byte, most float64) float64 {
	sum := 0.0
	prev := ' '
	for len(text) > 0 && sum-float64(len(text)) <= most {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		if r < utf8.RuneSelf {
			if prev = r; !t.latin && !isASCIILetter(r) && r >= ' ' {
				prev = ' '
			}
			continue
		}
		if r == unicode.ReplacementChar {
			if len(text) > 9 { // the sample may end within a character
				sum += 2 * never
			}
			prev = r
			continue
		}
		c, known := t.cost[r]
		if !known {
			c = t.other(r)
		}
		sum += c + t.company(prev, r, len(text) == 0 || text[0] < utf8.RuneSelf)
		prev = r
	}
	return sum
}

// company is what a character costs besides, for the one before it and if it is the last one of its word.
func (t *tongue) company(prev, r rune, last bool) float64 {
	switch {
	case t.latin:
		if prev >= utf8.RuneSelf && unicode.IsLetter(prev) && unicode.IsLetter(r) {
			return 3 // two accented letters in a row
		}
	case t.single && prev < utf8.RuneSelf && last:
		return 4 // a letter that is a word
	case isASCIILetter(prev) && unicode.IsLetter(r) && r < 0x2000:
		return 4 // ASCII letters and others in one word
	case unicode.IsUpper(r) && unicode.IsLower(prev):
		return 5
	case unicode.IsUpper(r) && unicode.IsUpper(prev):
		return -2 // capitals come together
	}
	return 0
}

func isASCIILetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }
