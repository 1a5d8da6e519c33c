package email_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"parley/shared/email"
)

// letters to a shop, in the languages that are told apart, and the charsets that people write them in.
var letters30 = []struct {
	text     string
	charsets []string
}{
	{"您好，我上周在贵公司网站订购的商品还没有收到，请问什么时候可以发货？谢谢！", []string{"gb18030"}},
	{"請問我上個月訂的貨什麼時候會到？我已經付款了，但是還沒有收到任何通知，謝謝您的幫忙。", []string{"big5"}},
	{"先日注文した商品がまだ届いていません。いつごろ発送されるか教えていただけますか。よろしくお願いいたします。", []string{"shift_jis", "euc-jp", "iso-2022-jp"}},
	{"지난주에 주문한 상품을 아직 받지 못했습니다. 언제 배송되는지 알려 주시면 감사하겠습니다.", []string{"euc-kr"}},
	{"Здравствуйте, я до сих пор не получил заказ, который оплатил на прошлой неделе. Подскажите, пожалуйста, когда он придёт?", []string{"windows-1251", "koi8-r", "iso-8859-5"}},
	{"Доброго дня! Чи можна змінити адресу доставки мого замовлення? Дякую за відповідь.", []string{"windows-1251", "koi8-u"}},
	{"Καλημέρα σας, δεν έχω λάβει ακόμα την παραγγελία μου. Πότε θα την στείλετε; Ευχαριστώ πολύ.", []string{"windows-1253"}},
	{"שלום רב, עדיין לא קיבלתי את ההזמנה שלי מהשבוע שעבר. מתי היא תגיע? תודה רבה מראש.", []string{"windows-1255"}},
	{"สวัสดีครับ ผมยังไม่ได้รับสินค้าที่สั่งซื้อเมื่อสัปดาห์ที่แล้ว กรุณาแจ้งให้ทราบด้วยครับ", []string{"windows-874"}},
	{"Dzień dobry, proszę o informację, kiedy zostanie wysłane moje zamówienie. Zapłaciłem już w zeszłym tygodniu i wciąż czekam na przesyłkę. Będę wdzięczny za szybką odpowiedź, ponieważ wyjeżdżam.", []string{"iso-8859-2", "windows-1250"}},
	{"Guten Tag, ich hätte gerne gewusst, wann die Größe 44 wieder verfügbar ist. Für Ihre Mühe schon jetzt schöne Grüße – über eine Rückmeldung würde ich mich sehr freuen, natürlich nur wenn möglich.", []string{"windows-1252"}},
	{"Bonjour, j’ai passé une commande la semaine dernière et je n’ai pas encore reçu de réponse à ma réclamation. Pourriez-vous m’aider dès que possible ? Très cordialement, Hélène", []string{"windows-1252"}},
	{"¿Cuándo llegará mi pedido? Señores, también necesito la factura a nombre de mi compañía. Muchísimas gracias por su atención, José Ibáñez, teléfono número 2 de Málaga, España", []string{"windows-1252"}},
	{"Hej, jag väntar fortfarande på min beställning från förra veckan. När får jag den? Vänliga hälsningar, Åsa Björk, Göteborg, på väg till Örebro för övrigt", []string{"windows-1252"}},
	{"Olá, não recebi a confirmação do meu pedido. Vocês poderiam verificar a situação, por favor? Já são três semanas de espera e a questão é urgente. Atenção: a entrega é à mãe.", []string{"windows-1252"}},
}

func encode(t *testing.T, charset, s string) []byte {
	t.Helper()
	enc, err := htmlindex.Get(charset)
	if err != nil {
		t.Fatal(err)
	}
	out, err := enc.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatalf("%s: %v", charset, err)
	}
	return out
}

// What declares no charset is read as what it looks like: text, and a subject beside it.
func TestUndeclaredCharsets(t *testing.T) {
	for _, l := range letters30 {
		for _, charset := range l.charsets {
			raw := encode(t, charset, l.text)
			for _, head := range []string{"", "Content-Type: text/plain\r\n", "Content-Type: text/plain; charset=us-ascii\r\n", "Content-Type: text/plain; charset=utf-8\r\n", "Content-Type: text/plain; charset=x-unknown-9\r\n"} {
				m := email.Parse(append([]byte("From: a@example.com\r\nSubject: "+string(raw)+"\r\n"+head+"\r\n"), raw...))
				if m.Text != l.text {
					t.Errorf("%s under %q:\n got %s\nwant %s", charset, head, m.Text, l.text)
				}
				if m.Subject != l.text {
					t.Errorf("%s under %q: subject %s", charset, head, m.Subject)
				}
			}
		}
	}
}

// A subject that is too short to tell is read like the text.
func TestShortSubjectTakesTheGuessOfTheText(t *testing.T) {
	subject := encode(t, "koi8-r", "Заказ")
	text := encode(t, "koi8-r", letters30[4].text)
	if m := email.Parse([]byte("Subject: " + string(subject) + "\r\n\r\n" + string(text))); m.Subject != "Заказ" {
		t.Errorf("%q", m.Subject)
	}
	if m := email.Parse([]byte("Subject: " + string(encode(t, "big5", "訂單")) + "\r\nContent-Type: text/html\r\n\r\n<meta http-equiv=x content=\"text/html; charset = big5\">" + string(encode(t, "big5", "訂單")))); m.Subject != "訂單" || m.Text != "訂單" {
		t.Errorf("%q %q", m.Subject, m.Text)
	}
}

// What is too short to tell stays Windows-1252, whatever else it could be.
func TestShortTextIsNotGuessedAt(t *testing.T) {
	for _, s := range []string{"café", "Größe", "naïve", "© 2024 Müller & Söhne", "señor", "it’s “so”", "áóúäöüß", "100 £ – 50 €", "Ærø", "Å"} {
		if m := email.Parse(append([]byte("From: a@example.com\r\n\r\n"), encode(t, "windows-1252", s)...)); m.Text != s {
			t.Errorf("%q became %q", s, m.Text)
		}
	}
	for _, s := range []string{strings.Repeat("© ", 100), strings.Repeat("naïve ", 30), strings.Repeat("Größe ", 300), strings.Repeat("· ", 400)} {
		if m := email.Parse(append([]byte("From: a@example.com\r\n\r\n"), encode(t, "windows-1252", s)...)); m.Text != strings.TrimSpace(s) {
			t.Errorf("%.40q became %.40q", s, m.Text)
		}
	}
}

func TestCharsetLabels(t *testing.T) {
	sure := func(e encoding.Encoding, s string) string {
		out, err := e.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	const ru, zh, tw, ja, ko, fr = "Привет", "你好", "你好嗎", "こんにちは", "안녕", "café"
	for label, c := range map[string][2]string{
		"windows-1251": {sure(charmap.Windows1251, ru), ru}, "CP1251": {sure(charmap.Windows1251, ru), ru}, "win-1251": {sure(charmap.Windows1251, ru), ru},
		"windows1251": {sure(charmap.Windows1251, ru), ru}, "x-cp1251": {sure(charmap.Windows1251, ru), ru}, "koi8-r": {sure(charmap.KOI8R, ru), ru}, "KOI8": {sure(charmap.KOI8R, ru), ru},
		"cp866": {sure(charmap.CodePage866, ru), ru}, "x-mac-cyrillic": {sure(charmap.MacintoshCyrillic, ru), ru}, "iso_8859-5": {sure(charmap.ISO8859_5, ru), ru}, "ISO8859-5": {sure(charmap.ISO8859_5, ru), ru},
		"gb2312": {sure(simplifiedchinese.GBK, zh), zh}, "GB_2312-80": {sure(simplifiedchinese.GBK, zh), zh}, "x-gbk": {sure(simplifiedchinese.GBK, zh), zh}, "cp936": {sure(simplifiedchinese.GBK, zh), zh},
		"hz-gb-2312": {sure(simplifiedchinese.HZGB2312, zh), zh}, "big5": {sure(traditionalchinese.Big5, tw), tw}, "x-x-big5": {sure(traditionalchinese.Big5, tw), tw}, "cp950": {sure(traditionalchinese.Big5, tw), tw},
		"shift_jis": {sure(japanese.ShiftJIS, ja), ja}, "x-sjis": {sure(japanese.ShiftJIS, ja), ja}, "windows-31j": {sure(japanese.ShiftJIS, ja), ja}, "cp932": {sure(japanese.ShiftJIS, ja), ja},
		"euc-jp": {sure(japanese.EUCJP, ja), ja}, "x-euc-jp": {sure(japanese.EUCJP, ja), ja}, "iso-2022-jp": {sure(japanese.ISO2022JP, ja), ja}, "cp50220": {sure(japanese.ISO2022JP, ja), ja},
		"ks_c_5601-1987": {sure(korean.EUCKR, ko), ko}, "ks_c_5601": {sure(korean.EUCKR, ko), ko}, "cp949": {sure(korean.EUCKR, ko), ko}, "iso-2022-kr": {"\x1b$)C\x0e>H3g\x0f", ko},
		"iso-2022-cn": {"\x1b$)A\x0eDc:C\x0f", zh}, "unicode-1-1-utf-7": {"caf+AOk-", fr}, "iso-8859-1": {"caf\xe9", fr}, "latin-1": {"caf\xe9", fr}, "ISO_8859-1": {"caf\xe9", fr}, "iso8859-15": {"caf\xe9", fr},
		"1252": {"caf\xe9", fr}, "ansi": {"caf\xe9", fr}, "utf8": {fr, fr}, "utf_8": {fr, fr}, "utf-16": {"\xfe\xff\x00c\x00a\x00f\x00\xe9", fr}, "utf-16le": {"c\x00a\x00f\x00\xe9\x00", fr},
		"x-user-defined": {"caf\xe9", fr}, "\"'iso-8859-1'\"": {"caf\xe9", fr}, "us-ascii": {fr, fr}, "windows-1251; format=flowed": {sure(charmap.Windows1251, ru), ru}, "ibm850": {"caf\x82", fr}, "cp437": {"caf\x82", fr},
	} {
		if m := email.Parse([]byte("Content-Type: text/plain; charset=" + label + "\r\n\r\n" + c[0])); m.Text != c[1] {
			t.Errorf("%s: %q, want %q", label, m.Text, c[1])
		}
	}
	if m := email.Parse([]byte("Content-Type: text/plain; charset=nobody-knows\r\n\r\ncaf\xe9")); m.Text != fr || len(m.Problems) == 0 {
		t.Errorf("%q %v", m.Text, m.Problems)
	}
}

// Escape sequences say what the bytes are, whoever declares otherwise.
func TestEscapesAreBelieved(t *testing.T) {
	ja, _ := japanese.ISO2022JP.NewEncoder().String("こんにちは")
	for _, head := range []string{"", "Content-Type: text/plain; charset=us-ascii\r\n"} {
		if m := email.Parse([]byte(head + "Subject: " + ja + "\r\n\r\n" + ja)); m.Text != "こんにちは" || m.Subject != "こんにちは" {
			t.Errorf("%q: %q %q", head, m.Subject, m.Text)
		}
		if m := email.Parse([]byte(head + "\r\n\x1b$)C\r\n\x0e>H3g\x0f abc\r\n")); m.Text != "안녕 abc" {
			t.Errorf("%q: %q", head, m.Text)
		}
	}
	if m := email.Parse([]byte("Content-Type: text/plain; charset=utf-8\r\nSubject: " + ja + "\r\n\r\nx")); m.Subject != "こんにちは" {
		t.Errorf("%q", m.Subject)
	}
}

// A few broken bytes do not make UTF-8 something else.
func TestBrokenUTF8StaysUTF8(t *testing.T) {
	for _, head := range []string{"", "Content-Type: text/plain; charset=utf-8\r\n"} {
		m := email.Parse([]byte("From: a@example.com\r\n" + head + "\r\nGrüße und schöne Töne, naïve Leute: \xc3\r\nEnde"))
		if !strings.HasPrefix(m.Text, "Grüße und schöne Töne, naïve Leute: \ufffd") {
			t.Errorf("%q: %q", head, m.Text)
		}
	}
}
