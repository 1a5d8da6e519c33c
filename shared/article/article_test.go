package article_test

import (
	"strings"
	"testing"

	"parley/shared/article"
	"parley/shared/fault"
)

// A help centre of a small shop for lamps, half of it in German.
var shop = []article.Article{
	{ID: "shipping", Title: "How long does delivery take?", Text: "We ship within one working day. Inside Germany parcels arrive in two to three days, in the rest of the EU in four to six. You get a mail with a tracking link as soon as the parcel has left."},
	{ID: "costs", Title: "What does shipping cost?", Text: "Delivery is free from 60 €. Below that it is 4.90 € inside Germany and 12 € elsewhere in Europe. We do not ship to Switzerland at the moment."},
	{ID: "returns", Title: "Returning an item", Text: "You can send anything back within 30 days, unused and in its box. Print the return label from your account, stick it on the parcel and drop it at any post office. We refund you three days after it has come back."},
	{ID: "refund", Title: "When do I get my money back?", Text: "A refund goes to the card or account that you paid with. Banks need up to five working days to show it."},
	{ID: "password", Title: "I forgot my password", Text: "On the sign-in page choose “Forgotten password?” and type your mail address. The link we send you can be used for an hour. Look into your spam folder if nothing comes."},
	{ID: "invoice", Title: "Where is my invoice?", Text: "Every invoice is a PDF in your account under Orders. For a company invoice with a VAT number, add the number before you pay; we can correct it for 14 days."},
	{ID: "warranty", Title: "My lamp is broken", Text: "All lamps have a warranty of three years. Write to us with a picture of the damage and the order number: we replace it, or repair it if we can."},
	{ID: "bulbs", Title: "Which bulb fits my lamp?", Text: "Lamps of the Arc series take E27 bulbs up to 40 watts, those of the Dot series have built-in LEDs that cannot be changed."},
	{ID: "cancel", Title: "Cancel or change an order", Text: "As long as it has not been shipped, you can cancel an order in your account, or change its address. After that, send it back."},
	{ID: "payment", Title: "Payment methods", Text: "We take Visa, Mastercard, PayPal, Apple Pay and bank transfer. Paying later by Klarna is possible in Germany and Austria."},
	{ID: "oeffnung", Language: "de", Title: "Öffnungszeiten des Ladens in Leipzig", Text: "Unser Laden in der Südvorstadt ist Dienstag bis Freitag von 11 bis 19 Uhr und am Samstag von 10 bis 16 Uhr geöffnet. An Feiertagen ist geschlossen."},
	{ID: "rueckgabe", Language: "de", Title: "Wie kann ich etwas zurückgeben?", Text: "Innerhalb von 30 Tagen können Sie alles zurückschicken, unbenutzt und in der Verpackung. Den Rücksendeschein finden Sie in Ihrem Konto. Die Rücksendung ist kostenlos, das Geld wird nach drei Tagen erstattet."},
	{ID: "lieferzeit", Language: "de", Title: "Lieferzeit und Versandkosten", Text: "Pakete kommen innerhalb Deutschlands nach zwei bis drei Tagen an. Ab 60 € liefern wir versandkostenfrei, darunter kostet der Versand 4,90 €."},
	{ID: "rechnung", Language: "de", Title: "Rechnung und Umsatzsteuer", Text: "Rechnungen stehen als PDF in Ihrem Konto unter Bestellungen. Die Umsatzsteuer-Nummer Ihrer Firma können Sie vor dem Bezahlen angeben."},
	{ID: "gutschein", Language: "de", Title: "Gutscheine einlösen", Text: "Den Code eines Gutscheins geben Sie an der Kasse ein. Gutscheine gelten drei Jahre und können nicht ausgezahlt werden."},
	{ID: "montage", Language: "de", Title: "Montage der Deckenlampe", Text: "Schalten Sie zuerst die Sicherung aus. Die Halterung wird mit zwei Schrauben und Dübeln an der Decke befestigt; eine Anleitung liegt bei."},
}

// asked are questions as people type them, and the article that answers; "" is that none does.
var asked = []struct{ question, answer string }{
	{"how long until my parcel arrives?", "shipping"},
	{"Hi, I ordered last week and still have no tracking link, when is it delivered", "shipping"},
	{"delivery time to France", "shipping"},
	{"is shipping free?", "costs"},
	{"do you ship to switzerland", "costs"},
	{"I'd like to return a lamp I bought", "returns"},
	{"where do I find the return label", "returns"},
	{"how do i send something back", "returns"},
	{"my refund has not shown up on my card", "refund"},
	{"when will I be refunded?", "refund"},
	{"cannot log in, password forgotten", "password"},
	{"reset my passwords", "password"},
	{"I need an invoice for my company with VAT", "invoice"},
	{"invoices pdf", "invoice"},
	{"the lamp arrived damaged", "warranty"},
	{"is there a warranty on repairs", "warranty"},
	{"it broke after two months", "warranty"},
	{"which bulbs can I use for the Arc lamp", "bulbs"},
	{"can i change the led in dot", "bulbs"},
	{"please cancel my order!!", "cancel"},
	{"I typed the wrong address for my order", "cancel"},
	{"can I pay with paypal", "payment"},
	{"do you accept Klarna", "payment"},
	{"Wann habt ihr geöffnet?", "oeffnung"},
	{"oeffnungszeiten samstag", "oeffnung"},
	{"Hat der Laden am Feiertag offen", "oeffnung"},
	{"Wie schicke ich die Lampe zurück?", "rueckgabe"},
	{"Rücksendung kostenlos?", "rueckgabe"},
	{"ich will das zurueckgeben", "rueckgabe"},
	{"Was kostet der Versand", "lieferzeit"},
	{"wie lange dauert die Lieferung", "lieferzeit"},
	{"wann wird geliefert?", "lieferzeit"},
	{"Ich brauche eine Rechnung für die Firma", "rechnung"},
	{"wo finde ich meine rechnungen", "rechnung"},
	{"Gutscheincode funktioniert nicht", "gutschein"},
	{"kann ich einen Gutschein auszahlen lassen", "gutschein"},
	{"Wie montiere ich die Deckenlampe", "montage"},
	{"welche Dübel für die Decke?", "montage"},
	{"when will my stuff get here", "shipping"},
	{"I want my money back", "refund"},
	{"do you take amex or other credit cards", "payment"},
	{"seid ihr am Wochenende da?", "oeffnung"},
	{"Kann ich das zurückbringen, es gefällt mir nicht", "rueckgabe"},
	{"what is the capital of Peru", ""},
	{"asdf qwertz", ""},
	{"Who won the football match yesterday?", ""},
	{"Wie wird das Wetter morgen?", ""},
	{"hello", ""},
	{"?", ""},
}

func TestQuestionsFindTheirAnswer(t *testing.T) {
	first, three, answered, silent, unanswered := 0, 0, 0, 0, 0
	for _, q := range asked {
		hits := article.Rank(shop, q.question, 3)
		var got []string
		for _, h := range hits {
			got = append(got, h.Article.ID)
			if h.Score < article.Threshold || h.Score > 1 {
				t.Errorf("%q: %s has the score %v", q.question, h.Article.ID, h.Score)
			}
		}
		if q.answer == "" {
			unanswered++
			if len(hits) == 0 {
				silent++
			} else {
				t.Logf("%q should find nothing: %v %v", q.question, got, hits[0].Score)
			}
			continue
		}
		answered++
		for i, id := range got {
			if id == q.answer {
				three++
				if i == 0 {
					first++
				}
			}
		}
		if len(got) == 0 || got[0] != q.answer {
			t.Logf("%q: %v, want %s first", q.question, got, q.answer)
		}
	}
	t.Logf("of %d questions %d find their answer first, %d among three; of %d that have none %d find none", answered, first, three, unanswered, silent)
	if three*100 < answered*90 || first*100 < answered*85 || silent < unanswered {
		t.Errorf("of %d: first %d, among three %d; of %d silent %d", answered, first, three, unanswered, silent)
	}
}

func TestRank(t *testing.T) {
	one := []article.Article{{ID: "a", Title: "Refunds", Text: "Money comes back in five days."}}
	for _, c := range []struct {
		what  string
		among []article.Article
		query string
		n     int
		want  string
	}{
		{"a single article is found", one, "refund", 3, "a"},
		{"and not by what it does not say", one, "invoice", 3, ""},
		{"no articles", nil, "refund", 3, ""},
		{"nothing asked", one, " \n", 3, ""},
		{"stop words ask nothing", one, "what is it and how", 3, ""},
		{"at most n", shop, "lamp", 1, "warranty"},
		{"none wanted", shop, "lamp", 0, ""},
		{"the title weighs more", []article.Article{{ID: "text", Title: "Other things", Text: "A word of bicycles."}, {ID: "title", Title: "Bicycles", Text: "Other things."}}, "bicycle", 2, "title text"},
		{"equals keep their order", []article.Article{{ID: "1", Title: "Trees"}, {ID: "2", Title: "Trees"}}, "tree", 2, "1 2"},
		{"umlauts however they are written", []article.Article{{ID: "h", Title: "Häuser"}}, "haeuser", 2, "h"},
		{"a part of a compound", []article.Article{{ID: "v", Title: "Versandkosten"}, {ID: "x", Title: "Farben"}}, "Versand", 2, "v"},
		{"a long question is cut", one, strings.Repeat("refund money days five back ", 5000), 1, "a"},
	} {
		var got []string
		for _, h := range article.Rank(c.among, c.query, c.n) {
			got = append(got, h.Article.ID)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.what, got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	a, err := article.Article{Title: "  A \n title ", Text: " one\r\ntwo\n"}.Clean()
	if err != nil || a.Title != "A title" || a.Text != "one\ntwo" {
		t.Errorf("%+v %v", a, err)
	}
	for _, bad := range []article.Article{
		{Title: " ", Text: "x"},
		{Title: "x", Text: "\n"},
		{Title: strings.Repeat("ä", article.TitleRunes+1), Text: "x"},
		{Title: "x", Text: strings.Repeat("ä", article.TextRunes+1)},
		{Title: "x", Text: "a\x00b"},
		{Title: "x", Text: "y", Language: "fr"},
	} {
		if _, err := bad.Clean(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.20q %.20q: %v", bad.Title, bad.Text, err)
		}
	}
	if _, err := (article.Article{Title: strings.Repeat("ä", article.TitleRunes), Text: strings.Repeat("ä", article.TextRunes), Language: "de"}).Clean(); err != nil {
		t.Error(err)
	}
}
