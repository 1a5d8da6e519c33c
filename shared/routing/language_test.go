package routing_test

import (
	"strings"
	"testing"

	"parley/shared/routing"
)

func TestLanguage(t *testing.T) {
	for text, want := range map[string]string{
		"Hello, I was charged twice and would like my money back, please.":    "en",
		"Where is my order? It has not arrived.":                              "en",
		"Do you have classes for beginners?":                                  "en",
		"Can I change the glaze colour on order #4411?":                       "en",
		"Bonjour, je voudrais savoir quand ma commande sera livrée":           "fr",
		"Le bol est arrivé cassé, pouvez-vous me rembourser ? Merci":          "fr",
		"Hallo, wann kommt meine Bestellung? Danke und viele Grüße":           "de",
		"Guten Tag, ich habe eine Frage zu Ihrer Rechnung vom letzten Monat.": "de",
		"Hola, ¿cuándo llegará mi pedido? Gracias":                            "es",
		"Ciao, quando arriva il mio ordine? Grazie mille":                     "it",
		"Olá, quando chega a minha encomenda? Obrigado":                       "pt",
		"Goedemorgen, wanneer wordt mijn bestelling geleverd?":                "nl",
		"Hej, när kommer min beställning? Tack":                               "sv",
		"Dzień dobry, kiedy dotrze moje zamówienie? Dziękuję":                 "pl",
		"注文した花瓶はいつ届きますか?":                                                     "ja",
		"请问我的订单什么时候到?":                                                        "zh",
		"Когда придёт мой заказ?":                                             "ru",
		"Hi":            "",
		"Refund please": "",
		"":              "",
		"#4411":         "",
	} {
		if got := routing.Language(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := routing.Language(strings.Repeat("where is my order ", 100_000)); got != "en" {
		t.Errorf("a long one is %q", got)
	}
}
