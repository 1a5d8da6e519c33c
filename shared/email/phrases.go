package email

import "strings"

// What mail programs write around what they quote and forward, in their users' languages: Gmail, Outlook (desktop, web, phone),
// Apple Mail, Thunderbird and K-9, Yahoo, AOL, Proton, Zoho, Samsung, GMX, Orange, QQ, 163, Yandex, Mail.ru, Naver, Roundcube,
// Zimbra, Notes. Everything is lower case. A word more costs nothing: no rule of reply.go cuts at one word alone.

func words(lists ...string) map[string]bool {
	m := map[string]bool{}
	for _, l := range lists {
		for _, w := range strings.Split(strings.Trim(l, "|"), "|") {
			m[w] = true
		}
	}
	return m
}

// wroteWords are the verbs of "On … wrote:", the one word of the phrase that says it: "écrit" of "a écrit".
var wroteWords = words(
	"wrote|writes|quoting",                       // English
	"schrieb|schreibt|geschrieben|zitat|zitiere", // German
	"écrit|ecrit",                                // French
	"escribió|escribio|escribe",                  // Spanish
	"scritto|scrive",                             // Italian
	"escreveu|citando",                           // Portuguese
	"schreef|geschreven|schrijft",                // Dutch
	"napisał|napisała|napisane|napisana|pisze",   // Polish
	"napsal|napsala",                             // Czech
	"napísal|napísala",                           // Slovak
	"írta",                                       // Hungarian
	"skrev|skriver|skreiv",                       // Swedish, Danish, Norwegian
	"kirjoitti",                                  // Finnish
	"yazdı|yazmış|yazıb",                         // Turkish, Azerbaijani
	"написал|написала|пишет|писал",         // Russian
	"написав|написала|пише",                // Ukrainian
	"напісаў|піша",                         // Belarusian
	"написа|напиша|написао",                // Bulgarian, Macedonian, Serbian
	"napisao|napisala|napisal|sporoča",     // Croatian, Serbian, Slovenian
	"έγραψε",                               // Greek
	"כתב|כתבה",                             // Hebrew
	"كتب|كتبت|كتابة",                       // Arabic
	"نوشت|نوشته",                           // Persian
	"scris",                                // Romanian
	"viết",                                 // Vietnamese
	"menulis",                              // Indonesian, Malay
	"rašė|parašė",                          // Lithuanian
	"rakstīja",                             // Latvian
	"kirjutas",                             // Estonian
	"skrifaði|skrivaði",                    // Icelandic, Faroese
	"escrit|escriure|missatge",             // Catalan
	"escribiu|escribeu",                    // Galician
	"idatzi",                               // Basque
	"shkroi",                               // Albanian
	"ysgrifennodd|scríobh|sgrìobh|skrivet", // Welsh, Irish, Gaelic, Breton
	"գրել|գրեց|დაწერა",                     // Armenian, Georgian
	"लिखा|लिहीले|எழுதியது",    // Hindi, Marathi, Tamil
	"skribis|skreau|schreift", // Esperanto, Frisian, Luxembourgish
)

// wroteParts are the same in scripts that put no blanks between words.
var wroteParts = []string{"写道", "寫道", "写到", "寫到", "のメール", "書きました", "より", "작성", "쓴 글", "쓴 내용", "이 씀", "เขียน", "សរសេរ", "来信"}

// firstPerson are the words by which a person says that they wrote it themselves: then it is no line of a mail program.
var firstPerson = words("i|ich|wir|we|je|j'ai|nous|yo|ho|io|ik|wij|jag|jeg|eg|vi|ja|ја|я|мы|ми|eu|én|εγώ|אני|أنا|我|私")

// dateWords are the abbreviations of days, months and hours after which a line of a mail program may break.
var dateWords = words("jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|m|mär|mrz|mai|juni|juli|okt|dez|mo|di|mi|do|fr|sa|so|" +
	"janv|févr|avr|juin|juil|août|déc|lun|mer|jeu|ven|sam|dim|ene|abr|ago|dic|mié|jue|vie|sáb|dom|gen|mag|giu|lug|set|ott|gio|sab|fev|out|dez|seg|ter|qua|qui|sex|" +
	"maa|mei|ma|wo|vr|za|zo|sty|lut|kwi|maj|cze|lip|sie|wrz|paź|lis|gru|pon|wt|śr|czw|pt|sob|niedz|po|út|st|čt|pá|ne|febr|márc|ápr|máj|jún|júl|szept|h|k|sze|cs|p|szo|v|" +
	"mån|tis|ons|tors|lör|sön|man|tir|tor|lør|søn|kl|tammik|helmik|maalisk|huhtik|toukok|kesäk|heinäk|elok|syysk|lokak|marrask|jouluk|ke|to|pe|la|su|" +
	"янв|февр|фев|апр|мая|июн|июл|авг|сент|сен|окт|нояб|дек|пн|вт|ср|чт|пт|сб|вс|г|р|ч|січ|лют|бер|квіт|трав|черв|лип|серп|вер|жовт|лист|груд|нед|нд|" +
	"ιαν|φεβ|μαρ|απρ|μαΐ|ιουν|ιουλ|αυγ|σεπ|οκτ|νοε|δεκ|μ|π|thg|вељ|velj|pirmd|o|godz")

// openers begin a line that names a date.
var openers = words("on|at|am|le|el|il|em|no|op|dne|dnia|dňa|den|w|ve|στις|την|на|в|v|vào|pada|pe|la|în|in|kuupäev|datumā|a|o|ar|d'an/ar|më|þann|je|dana|" +
	"u|дана|tann|di|ekkor:|در|في|بتاريخ|בתאריך|ב|在|於|于|เมื่อ|ในวันที่|वार|från")

// headKind is what a line of a quoted header says.
type headKind byte

const (
	headFrom headKind = iota + 1
	headTo
	headCopy
	headDate
	headSubject
	headOther
)

// headLabels are the labels of a quoted header.
var headLabels = func() map[string]headKind {
	m := map[string]headKind{}
	for _, l := range []struct {
		kind  headKind
		words string
	}{
		{headFrom, "from|sender|sent by|von|absender|gesendet von|de|expéditeur|émetteur|envoyé par|da|mittente|remitente|enviado por|desde|remetente|van|afzender|od|nadawca|odesílatel|" +
			"odesilatel|odosielateľ|pošiljatelj|pošiljalac|feladó|fra|frå|från|frá|afsender|avsender|avsendar|avsändare|lähettäjä|kimden|gönderen|gönderici|kimdən|от|от кого|отправитель|" +
			"від|від кого|відправник|ад|адпраўнік|подател|изпращач|од|пошиљалац|праќач|από|αποστολέας|de la|expeditor|din partea|מאת|השולח|من|المرسل|مِن|از|فرستنده|từ|người gửi|gửi từ|dari|" +
			"daripada|pengirim|จาก|ผู้ส่ง|से|प्रेषक|भेजने वाला|发件人|發件人|寄件人|寄件者|发信人|差出人|送信者|送信元|発信者|보낸 사람|보낸사람|보내는 사람|보낸이|발신|nuo|siuntėjas|" +
			"no|sūtītājs|saatja|kellelt|remitent|nork|dende|nga|dërguesi|ումից|ვისგან|oddi wrth|fan|sendanto"},
		{headTo, "to|recipient|recipients|an|empfänger|à|destinataire|destinataires|a|per|destinatario|para|destinatário|aan|ontvanger|do|adresat|odbiorca|komu|adresát|příjemce|prijemca|" +
			"címzett|til|till|modtager|mottaker|mottagare|kenelle|vastaanottaja|kime|alıcı|kimə|кому|получатель|одержувач|каму|до|получател|за|примач|προς|παραλήπτης|către|destinatar|la|" +
			"za|prima|primatelj|אל|إلى|الى|المستلم|المستقبل|به|گیرنده|tới|đến|người nhận|kepada|untuk|penerima|ถึง|ผู้รับ|को|प्रति|पाने वाला|प्राप्तकर्ता|收件人|收件者|宛先|받는 사람|받는사람|받는이|수신|" +
			"kam|gavėjas|kellele|saaja|nori|për|pa|ում|ვის|oan|destinatari"},
		{headCopy, "cc|bcc|c.c.|cci|cco|ccn|kopie|kopie (cc)|kopie an|blindkopie|copie|copie à|copie a|cópia|cópia para|copia|con copia|a/c|kopia|kópia|kopio|kopi|kopi til|kopi (cc)|másolat|titkos másolat|" +
			"dw|do wiadomości|udw|skrytá kopie|hemlig kopia|bilgi|gizli|nüsxə|копия|в копии|скрытая копия|копія|копие|копие до|копија|цц|κοιν|κοιν.|κοινοποίηση|copie (cc)|kp|kopija|עותק|לידיעה|העתק|" +
			"نسخة|نسخة إلى|نسخة إلي|نسخة كربونية|رونوشت|đồng kính gửi|đồng gửi|tembusan|salinan|สำเนา|สำเนาถึง|सीसी|抄送|副本|密送|密件副本|写し|写し(cc)|참조|숨은 참조|koopia|afrit"},
		{headDate, "date|sent|sent on|date sent|datum|gesendet|gesendet am|gesendet um|datum/uhrzeit|envoyé|envoyé le|envoyée|envoyée le|date d'envoi|date d’envoi|message du|fecha|enviado|enviado el|enviado a|" +
			"fecha de envío|enviado em|enviada|enviada em|data de envio|data|inviato|inviato il|data invio|data di invio|verzonden|verzonden op|verstuurd|datum verzonden|wysłano|wysłane|data wysłania|" +
			"odesláno|odoslané|datum odeslání|dátum|elküldve|küldve|időpont|skickat|skickades|sendt|dato|lähetetty|päiväys|päivämäärä|päivä|tarih|gönderildi|gönderme tarihi|tarix|дата|отправлено|дата отправки|" +
			"надіслано|відправлено|дата відправлення|изпратено|послато|датум|ημερομηνία|στάλθηκε|εστάλη|trimis|trimis la|data trimiterii|poslano|datum slanja|תאריך|נשלח|בתאריך|التاريخ|تاريخ|تم الإرسال|" +
			"تاريخ الإرسال|أرسلت|تاریخ|ارسال شده|ngày|ngày gửi|đã gửi|đã gửi vào|gửi lúc|tanggal|dikirim|terkirim|tarikh|dihantar|วันที่|ส่งเมื่อ|ส่ง|दिनांक|तारीख|भेजा गया|发送时间|發送時間|发送日期|日期|时间|寄件日期|" +
			"傳送時間|傳送日期|送信日時|日時|日付|送信日|보낸 날짜|보낸날짜|날짜|일시|išsiųsta|nosūtīts|datums|saadetud|kuupäev|dërguar|datë|enviat|dagsetning|ամսաթիվ|თარიღი|time"},
		{headSubject, "subject|betreff|betr|betr.|objet|sujet|asunto|oggetto|assunto|onderwerp|temat|předmět|predmet|tárgy|ämne|emne|aihe|otsikko|konu|mövzu|тема|относно|предмет|заглавие|наслов|тэма|θέμα|" +
			"subiect|naslov|zadeva|נושא|הנדון|الموضوع|موضوع|chủ đề|tiêu đề|subjek|perihal|judul|เรื่อง|หัวเรื่อง|विषय|主题|主題|主旨|件名|标题|標題|제목|tema|temats|teema|pealkiri|assumpte|gaia|" +
			"subjekt|efni|viðfangsefni|վերնագիր|საგანი|underwerp|temo"},
		{headOther, "reply-to|reply to|antwort an|antwort|répondre à|responder a|responder para|rispondi a|risposta|odpowiedź do|antwoord aan|antwoorden aan|svar til|svar till|ответить|回复|返信先|回覆至|회신 주소|" +
			"importance|priority|wichtigkeit|priorität|prioridad|priorità|organization|attachments|anlagen|anhänge|pièces jointes|datos adjuntos|allegati|anexos|bijlagen|załączniki|resent-from|附件|添付ファイル"},
	} {
		for _, w := range strings.Split(l.words, "|") {
			if m[w] == 0 {
				m[w] = l.kind
			}
		}
	}
	return m
}()

// originalMarks stand, between dashes, above the mail that is answered.
var originalMarks = words(
	"original message|original email|original mail|original|reply message|replied message|"+
		"ursprüngliche nachricht|urspr. nachricht|ursprüngliche mail|ursprüngliche e-mail|originalnachricht|original-nachricht|"+
		"message d'origine|message d’origine|message original|message initial|courriel original|courriel initial|e-mail d'origine|"+
		"mensaje original|correo original|messaggio originale|messaggio d'origine|mensagem original|e-mail original|"+
		"oorspronkelijk bericht|oorspronkelijke bericht|origineel bericht|oarspronklik berjocht|"+
		"wiadomość oryginalna|oryginalna wiadomość|wiadomość pierwotna|původní zpráva|původní e-mail|pôvodná správa|eredeti üzenet|"+
		"ursprungligt meddelande|originalmeddelande|oprindelig meddelelse|oprindelig besked|original besked|original meddelelse|opprinnelig melding|original melding|opphavleg melding|"+
		"alkuperäinen viesti|orijinal mesaj|özgün ileti|orijinal ileti|orijinal məktub|"+
		"исходное сообщение|оригинальное сообщение|исходное письмо|оригінальне повідомлення|початкове повідомлення|вихідне повідомлення|арыгінальнае паведамленне|зыходны ліст|"+
		"оригинално съобщение|оригинално писмо|оригинална порука|оригинална порака|originalna poruka|izvorna poruka|izvirno sporočilo|izvorno sporočilo|"+
		"αρχικό μήνυμα|πρωτότυπο μήνυμα|mesaj original|mesajul original|mesaj inițial|",
	"הודעה מקורית|ההודעה המקורית|الرسالة الأصلية|رسالة أصلية|الرسالة الأساسية|پیام اصلی|پیام نخستین|"+
		"thư gốc|tin nhắn gốc|thư ban đầu|pesan asli|pesan orisinal|mesej asal|ข้อความเดิม|ข้อความต้นฉบับ|ข้อความดั้งเดิม|मूल संदेश|"+
		"原始邮件|邮件原件|原邮件|原始消息|回复的原邮件|回复的邮件|原始郵件|原始信件|原始訊息|元のメッセージ|元メール|オリジナルメッセージ|원본 메시지|원본 메일|원본메시지|원본메일|"+
		"originalus laiškas|pradinis laiškas|originalus tekstas|sākotnējais ziņojums|sākotnējā ziņa|sākotnējā vēstule|algne kiri|esialgne kiri|algne teade|algsõnum|"+
		"missatge original|mensaxe orixinal|jatorrizko mezua|mesazhi origjinal|upprunaleg skilaboð|neges wreiddiol|originala mesaĝo")

// forwardMarks stand above the mail that is passed on; some between dashes, some with a colon.
var forwardMarks = words(
	"forwarded message|begin forwarded message|forwarded mail|forwarded email|forwarded by|forward message|"+
		"weitergeleitete nachricht|weitergeleitete mail|weitergeleitete e-mail|anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail|beginn der weitergeleiteten nachricht|"+
		"message transféré|message transmis|message réexpédié|début du message réexpédié|début du message transféré|message transféré commence ici|"+
		"mensaje reenviado|inicio del mensaje reenviado|correo reenviado|mensaje original reenviado|"+
		"messaggio inoltrato|inizio messaggio inoltrato|inizio del messaggio inoltrato|"+
		"mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|início da mensagem reencaminhada|mensagem reenviada|"+
		"doorgestuurd bericht|begin doorgestuurd bericht|doorgestuurde bericht|doorgezonden bericht|"+
		"przekazana wiadomość|wiadomość przekazana|wiadomość przekazana dalej|początek przekazywanej wiadomości|rozpoczęcie przekazanej wiadomości|treść przekazanej wiadomości|"+
		"přeposlaná zpráva|přeposlaný e-mail|předaná zpráva|začátek přeposlané zprávy|preposlaná správa|začiatok preposlanej správy|"+
		"továbbított üzenet|továbbított levél|továbbított levél kezdete|továbbított üzenet kezdete|"+
		"vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrat mejl|börjar vidarebefordrat meddelande|"+
		"videresendt meddelelse|videresendt besked|start på videresendt besked|videresendt e-mail|videresendt melding|start på videresendt melding|starten på den videresendte meldingen|"+
		"välitetty viesti|edelleenlähetetty viesti|välitetty viesti alkaa|välitetyn viestin alku|"+
		"yönlendirilen ileti|yönlendirilmiş ileti|yönlendirilen mesaj|iletilen mesaj|iletilmiş mesaj|yönlendirilen ileti başlangıcı|iletilmiş iletinin başlangıcı|",
	"пересылаемое сообщение|пересланное сообщение|перенаправленное сообщение|начало переадресованного сообщения|начало пересылаемого сообщения|пересылаемое письмо|пересланное письмо|"+
		"переслане повідомлення|пересилання повідомлення|початок пересланого повідомлення|переадресоване повідомлення|"+
		"препратено съобщение|препратено писмо|начало на препратено съобщение|прослеђена порука|прослијеђена порука|proslijeđena poruka|proslijeđeno|prosleđena poruka|početak proslijeđene poruke|posredovano sporočilo|"+
		"προωθημένο μήνυμα|έναρξη προωθημένου μηνύματος|mesaj redirecționat|mesaj redirecţionat|mesaj retransmis|începutul mesajului redirecționat|începe mesajul redirecționat|"+
		"הודעה שהועברה|תחילת ההודעה שהועברה|הודעה מועברת|رسالة معاد توجيهها|الرسالة المعاد توجيهها|رسالة مُعاد توجيهها|بدء الرسالة المعاد توجيهها|بدء الرسالة الممررة|پیام ارسال\u200cشده|پیام هدایت شده|"+
		"thư đã chuyển tiếp|tin nhắn đã chuyển tiếp|thư được chuyển tiếp|bắt đầu thư được chuyển tiếp|pesan terusan|pesan yang diteruskan|mulai pesan yang diteruskan|mesej dimajukan|"+
		"ข้อความที่ส่งต่อ|เริ่มข้อความที่ถูกส่งต่อ|अग्रेषित संदेश|"+
		"转发的邮件|转发邮件|转发邮件信息|已转发邮件|转发的消息|转发邮件开始|开始转发的邮件|以下是转发的邮件|轉寄的郵件|轉寄郵件|轉寄的信件|已轉寄的郵件|轉寄訊息|開始轉寄郵件|以下是轉寄的郵件|"+
		"転送メッセージ|転送されたメッセージ|転送メール|転送されたメール|전달된 메일|전달된 메시지|전달된 이메일|전달 메일|전달된 메시지 시작|"+
		"persiųstas laiškas|persiųsta žinutė|pārsūtīts ziņojums|pārsūtītā vēstule|edastatud kiri|edastatud sõnum|missatge reenviat|inici del missatge reenviat|mensaxe reenviada")
