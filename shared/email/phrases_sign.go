package email

import "strings"

// signPhrase is what a mail program puts under a mail by itself: "Sent from my iPhone". A line is one if it begins with start and
// ends with end. If device is set it must name a device or a program as well, because people begin lines of their own like that.
type signPhrase struct {
	start, end string
	device     bool
}

var signPhrases = []signPhrase{
	{"sent from my", "", false},
	{"sent from", "", true},
	{"sent via", "", true},
	{"sent with", "", true},
	{"sent using", "", true},
	{"sent by", "", true},
	{"sent on", "", true}, // English
	{"from my", "", true},
	{"typed on", "", true},
	{"typed with", "", true},
	{"written on", "", true},
	{"written with", "", true},
	{"composed on", "", true},
	{"this message was sent from my", "", false},
	{"this email was sent from my", "", false},
	{"this e-mail was sent from my", "", false},
	{"get outlook for", "", false},
	{"yahoo mail: search, organize, conquer", "", false},
	{"download outlook for", "", false},
	{"", "from mobile", false},
	{"", "from my phone", false},
	{"", "from my mobile", false},
	{"von mein", "gesendet", false},
	{"von mein", "geschickt", false},
	{"gesendet von", "", true},
	{"gesendet mit", "", true},
	{"gesendet über", "", true},
	{"gesendet aus", "", true}, // German
	{"diese nachricht wurde", "gesendet", true},
	{"diese e-mail wurde", "gesendet", true},
	{"diese mail wurde", "gesendet", true},
	{"diese nachricht wurde", "versendet", true},
	{"mobil gesendet", "", false},
	{"von unterwegs gesendet", "", false},
	{"von unterwegs", "", true},
	{"holen sie sich outlook für", "", false},
	{"outlook für", "beziehen", false},
	{"outlook für", "herunterladen", false},
	{"outlook für", "beschaffen", false},
	{"outlook für", "abrufen", false},
	{"envoyé de mon", "", false},
	{"envoyé depuis mon", "", false},
	{"envoyé à partir de", "", true},
	{"envoyé à partir d'", "", true},
	{"envoyé depuis", "", true},
	{"envoyé de", "", true},
	{"envoyé avec", "", true},
	{"envoyé via", "", true},
	{"envoyé par", "", true}, // French
	{"provenance : courrier", "", false},
	{"télécharger outlook pour", "", false},
	{"téléchargez outlook pour", "", false},
	{"obtenir outlook pour", "", false},
	{"obtenez outlook pour", "", false},
	{"enviado desde mi", "", false},
	{"enviado desde", "", true},
	{"enviado de", "", true},
	{"enviado con", "", true},
	{"enviado por", "", true},
	{"enviado a través de", "", true},
	{"enviado mediante", "", true}, // Spanish
	{"obtener outlook para", "", false},
	{"obtén outlook para", "", false},
	{"descargar outlook para", "", false},
	{"descarga outlook para", "", false},
	{"inviato da", "", true},
	{"inviato dal mio", "", false},
	{"inviato con", "", true},
	{"inviato tramite", "", true},
	{"scarica outlook per", "", false},
	{"ottieni outlook per", "", false},
	{"scaricare outlook per", "", false}, // Italian
	{"enviado do meu", "", false},
	{"enviado a partir do", "", true},
	{"enviado do", "", true},
	{"enviado pelo", "", true},
	{"enviado via", "", true},
	{"enviada do", "", true}, // Portuguese
	{"obter o outlook para", "", false},
	{"obtenha o outlook para", "", false},
	{"baixe o outlook para", "", false},
	{"obter outlook para", "", false},
	{"baixar outlook para", "", false},
	{"baixar o outlook para", "", false},
	{"verzonden vanaf mijn", "", false},
	{"verzonden van mijn", "", false},
	{"verzonden vanaf", "", true},
	{"verzonden vanuit", "", true},
	{"verzonden met", "", true},
	{"verzonden via", "", true}, // Dutch
	{"verstuurd vanaf mijn", "", false},
	{"verstuurd vanaf", "", true},
	{"verstuurd met", "", true},
	{"verstuurd via", "", true},
	{"outlook voor", "downloaden", false},
	{"outlook voor", "ophalen", false},
	{"download outlook voor", "", false},
	{"haal outlook voor", "", false},
	{"wysłane z mojego", "", false},
	{"wysłano z mojego", "", false},
	{"wysłane z", "", true},
	{"wysłano z", "", true},
	{"wysłane przez", "", true},
	{"wysłane za pomocą", "", true}, // Polish
	{"pobierz outlook", "", false},
	{"pobierz program outlook", "", false},
	{"pobierz aplikację outlook", "", false},
	{"uzyskaj outlook", "", false},
	{"uzyskaj aplikację outlook", "", false},
	{"odesláno z", "", true},
	{"posláno z", "", true},
	{"odesláno pomocí", "", true},
	{"získat outlook pro", "", false},
	{"získejte outlook pro", "", false},
	{"stáhnout outlook pro", "", false}, // Czech
	{"odoslané z", "", true},
	{"odoslané pomocou", "", true},
	{"poslané z", "", true},
	{"získajte outlook pre", "", false},
	{"získať outlook pre", "", false}, // Slovak
	{"", "küldve", true},
	{"elküldve", "", true},
	{"küldve az", "", true},
	{"az outlook letöltése", "", false},
	{"outlook beszerzése", "", false},
	{"", "letöltése", true}, // Hungarian
	{"skickat från", "", true},
	{"skickat från min", "", false},
	{"skickades från", "", true},
	{"skickat med", "", true},
	{"hämta outlook för", "", false},
	{"skaffa outlook för", "", false}, // Swedish
	{"sendt fra min", "", false},
	{"sendt fra mit", "", false},
	{"sendt fra", "", true},
	{"sendt med", "", true},
	{"sendt via", "", true},
	{"hent outlook til", "", false},
	{"hent outlook for", "", false},
	{"få outlook til", "", false}, // Danish
	{"skaff deg outlook for", "", false},
	{"få outlook for", "", false},
	{"last ned outlook for", "", false}, // Norwegian
	{"lähetetty", "", true},
	{"", "lähetetty", true},
	{"hanki outlook", "", false},
	{"lataa outlook", "", false},
	{"hae outlook", "", false}, // Finnish
	{"", "gönderildi", true},
	{"", "gönderilmiştir", true},
	{"", "için outlook'u edinin", false},
	{"", "için outlook’u edinin", false},
	{"", "için outlook'u indirin", false}, // Turkish
	{"отправлено с", "", true},
	{"отправлено из", "", true},
	{"отправлено через", "", true},
	{"отправлено от", "", true},
	{"послано с", "", true},
	{"скачать outlook для", "", false},
	{"получить outlook для", "", false},
	{"загрузить outlook для", "", false}, // Russian
	{"надіслано з", "", true},
	{"відправлено з", "", true},
	{"надіслано через", "", true},
	{"отримати outlook для", "", false},
	{"завантажити outlook для", "", false}, // Ukrainian
	{"изпратено от", "", true},
	{"изпратено чрез", "", true},
	{"вземете outlook за", "", false},
	{"изтеглете outlook за", "", false},
	{"послато са", "", true},
	{"послато из", "", true}, // Bulgarian, Serbian
	{"στάλθηκε από", "", true},
	{"εστάλη από", "", true},
	{"απεστάλη από", "", true},
	{"αποστολή από", "", true},
	{"λήψη του outlook για", "", false},
	{"αποκτήστε το outlook για", "", false}, // Greek
	{"נשלח מ", "", true},
	{"קבל את outlook", "", false},
	{"הורד את outlook", "", false},
	{"קבלת outlook", "", false}, // Hebrew
	{"أرسلت من", "", true},
	{"أُرسلت من", "", true},
	{"مرسل من", "", true},
	{"تم الإرسال من", "", true},
	{"تم إرسال من", "", true},
	{"الحصول على outlook", "", false},
	{"احصل على outlook", "", false}, // Arabic
	{"ارسال شده از", "", true},
	{"فرستاده شده از", "", true},
	{"ارسال از", "", true}, // Persian
	{"发自我的", "", false},
	{"发自", "", true},
	{"从我的", "发送", false},
	{"来自我的", "", true},
	{"获取 outlook", "", false},
	{"下载 outlook", "", false},
	{"获取适用于", "", true},
	{"获取 适用于", "", true}, // Chinese
	{"從我的", "傳送", false},
	{"從我的", "寄出", false},
	{"從我的", "發送", false},
	{"傳送自我的", "", false},
	{"寄自我的", "", false},
	{"寄件自", "", true},
	{"傳送自", "", true},
	{"取得 outlook", "", false},
	{"取得適用於", "", true},
	{"取得 適用於", "", true},
	{"", "から送信", false},
	{"", "から送信されました", false},
	{"outlook for", "を入手", false},
	{"", "から送信しました", false},
	{"", "版の outlook を入手", false}, // Japanese
	{"나의", "에서 보냄", false},
	{"내", "에서 보냄", true},
	{"", "에서 보냄", true},
	{"", "에서 전송", true},
	{"", "에서 보낸 메일입니다", true},
	{"outlook", "다운로드", true},
	{"", "outlook 다운로드", false},
	{"", "outlook 받기", false},
	{"", "outlook 가져오기", false}, // Korean
	{"trimis de pe", "", true},
	{"trimis din", "", true},
	{"trimis de la", "", true},
	{"trimis cu", "", true},
	{"obțineți outlook pentru", "", false},
	{"obţineţi outlook pentru", "", false},
	{"descărcați outlook pentru", "", false}, // Romanian
	{"đã gửi từ", "", true},
	{"được gửi từ", "", true},
	{"gửi từ", "", true},
	{"tải outlook cho", "", false},
	{"tải xuống outlook", "", false}, // Vietnamese
	{"dikirim dari", "", true},
	{"terkirim dari", "", true},
	{"dapatkan outlook untuk", "", false},
	{"dihantar daripada", "", true},
	{"ส่งจาก", "", true},
	{"รับ outlook", "", false},
	{"ดาวน์โหลด outlook", "", false}, // Indonesian, Malay, Thai
	{"poslano s", "", true},
	{"poslano z", "", true},
	{"poslano iz", "", true},
	{"poslato sa", "", true},
	{"preuzmite outlook za", "", false},
	{"nabavite outlook za", "", false},
	{"pridobite outlook za", "", false}, // Croatian, Serbian, Slovenian
	{"išsiųsta iš", "", true},
	{"siųsta iš", "", true},
	{"nosūtīts no", "", true},
	{"sūtīts no", "", true},
	{"saadetud", "", true},
	{"hankige outlook", "", false}, // Lithuanian, Latvian, Estonian
	{"enviat des", "", true},
	{"enviat amb", "", true},
	{"obtén l'outlook", "", false},
	{"dërguar nga", "", true},
	{"", "bidalia", true},
	{"मेरे", "से भेजा गया", false},
	{"", "से भेजा गया", true}, // Catalan, Albanian, Basque, Hindi
}

// deviceWords name devices and mail programs.
var deviceWords = strings.Split("iphon|ipad|ipod|ios|android|samsung|galaxy|blackberry|mobile|smartphone|phone|outlook|mailbox|airmail|spark|superhuman|proton|tutanota|tuta|gmail|yahoo|aol|zoho|"+
	"thunderbird|k-9|bluemail|blue mail|typeapp|edison|canary|newton|mailspring|mailbird|polymail|nylas|aqua mail|aquamail|nine|windows|huawei|xiaomi|redmi|oneplus|pixel|htc|nokia|lumia|motorola|moto g|sony|xperia|"+
	"tablet|handy|cell|sparrow|mailtrack|shortwave|spike|em client|fairemail|apple|macbook| mac|watch|mail.ru|yandex|яндекс|gmx|web.de|orange|libero|seznam|email.cz|naver|qq|网易|邮箱|airmail|postbox|mimestream|hey|missive|front|"+
	"téléphone|portable|móvil|movil|celular|cellulare|telemóvel|telefon|mobil|telefoon|komór|телефон|смартфон|мобильн|мобільн|почт|пошт|κινητό|טלפון|נייד|هاتف|جوال|آيفون|手机|手機|电话|スマート|携帯|휴대|아이폰|mail app|mail for|webmail|e-mail-app|app mail", "|")

// excuses are what may follow behind the device.
var excuses = strings.Split("excuse|typo|brevity|brief|spelling|autocorrect|auto-correct|mistake|error|pardon|sorry|fehler|kürze|entschuldig|faute|erreur|excus|disculp|errores|scus|desculp|excuus|fout|błęd|fel |kort|краткость|опечат|get the app|download|the simpler inbox", "|")

// signLine reports whether a normalised line is what a mail program puts under a mail by itself.
func signLine(line string) bool {
	const maxBytes, maxWords = 240, 20
	if len(line) > maxBytes || line == "" {
		return false
	}
	s := strings.ToLower(withoutLinks(line))
	s = strings.Trim(s, "<>()[]*_~\"'“”-–—•|·, .!。")
	if s == "" || len(strings.Fields(s)) > maxWords {
		return false
	}
	for _, p := range signPhrases {
		if !strings.HasPrefix(s, p.start) || !strings.HasSuffix(s, p.end) || len(s) < len(p.start)+len(p.end) {
			continue
		}
		if p.start == "" && len(strings.Fields(s)) > 6 || p.device && !containsAny(s, deviceWords) {
			continue
		}
		head, tail := sentence(s[len(p.start):])
		if len(strings.Fields(head)) > 9 || tail != "" && !containsAny(tail, excuses) {
			continue
		}
		return true
	}
	return false
}

// sentence cuts s behind the first comma, full stop, semicolon or exclamation mark that a blank follows.
func sentence(s string) (head, tail string) {
	for i := 0; i+1 < len(s); i++ {
		if strings.IndexByte(",.;!", s[i]) >= 0 && s[i+1] == ' ' {
			return s[:i], strings.TrimSpace(s[i+1:])
		}
	}
	return s, ""
}

func containsAny(s string, list []string) bool {
	for _, w := range list {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

var brackets = strings.NewReplacer("[", "", "]", "")

// withoutLinks drops addresses of links: "<https://…>", "(https://…)", and the brackets of "[text](https://…)".
func withoutLinks(s string) string {
	for _, pair := range [...]struct{ open, end string }{{"<http", ">"}, {"(http", ")"}, {"<mailto:", ">"}} {
		for {
			i := strings.Index(s, pair.open)
			if i < 0 {
				break
			}
			j := strings.Index(s[i:], pair.end)
			if j < 0 {
				s = s[:i]
				break
			}
			s = s[:i] + s[i+j+1:]
		}
	}
	return brackets.Replace(s)
}
