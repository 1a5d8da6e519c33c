package email_test

import (
	"regexp"
	"strings"
	"testing"

	"parley/shared/email"
)

// freshHTML are mails as twenty programs write them, written after the rules were finished. What stands behind CUT is to be folded, what
// stands behind KEEP is not; the words themselves are taken out before.
var freshHTML = map[string]string{
	"outlook de word": `<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="DE"><div class="WordSection1"><p class="MsoNormal"><span style="mso-fareast-language:EN-US">KEEP Guten Tag,<o:p></o:p></span></p><p class="MsoNormal">KEEP ja.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Von:</b> Support &lt;s@x.example&gt; <br><b>Gesendet:</b> Montag, 16. November 2026 09:00<br><b>An:</b> Brandl<br><b>Betreff:</b> AW: x<o:p></o:p></p></div><p class="MsoNormal">CUT frage?<o:p></o:p></p></div></body></html>`,
	"owa fr":          `<html><body dir="ltr"><div class="elementToProof" style="font-family: Aptos; font-size: 12pt">KEEP Oui.</div><div id="Signature" class="elementToProof"><div>CUT Jean</div></div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000"><b>CUT De :</b> Support<br><b>Envoyé :</b> lundi<br><b>À :</b> Jean<br><b>Objet :</b> RE: x</font><div>&nbsp;</div></div><div>CUT bonjour</div></body></html>`,
	"new outlook pl":  `<html><body><div style="font-family:Aptos" class="elementToProof">KEEP Tak.</div><div id="ms-outlook-mobile-body-separator-line"></div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message skipProofing"><div class="ms-outlook-mobile-reference-message"><hr style="display:inline-block;width:98%"><p><b>CUT Od:</b> Support<br><b>Wysłane:</b> czwartek<br><b>Do:</b> A<br><b>Temat:</b> x</p></div>CUT pytanie</div></body></html>`,
	"outlook ja":      `<html><body><div class="WordSection1"><p class="MsoNormal">KEEP 承知しました。</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0mm 0mm 0mm"><p class="MsoNormal"><b>CUT From:</b> Support &lt;s@x.example&gt;<br><b>Sent:</b> Monday, November 16, 2026 9:00 AM<br><b>To:</b> 田中<br><b>Subject:</b> RE: 納期</p></div></div><p class="MsoNormal">CUT いかがですか。</p></div></body></html>`,
	"gmail ko":        `<div dir="ltr">KEEP 감사합니다.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">CUT 2026년 11월 18일 (수) 오후 2:07, Support &lt;<a href="mailto:s@x.example">s@x.example</a>&gt;님이 작성:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">CUT 주소</blockquote></div>`,
	"gmail ar":        `<div dir="rtl">KEEP نعم</div><br><div class="gmail_quote gmail_quote_container"><div dir="rtl" class="gmail_attr">CUT في الأربعاء<br></div><blockquote class="gmail_quote">CUT سؤال</blockquote></div>`,
	"apple sv":        `<html><head></head><body style="overflow-wrap: break-word;">KEEP Hej!<div>KEEP Tack.<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>CUT 18 nov. 2026 kl. 14:07 skrev Support &lt;s@x.example&gt;:</div><br class="Apple-interchange-newline"><div>CUT fraga</div></blockquote></div><br></div></body></html>`,
	"iphone sv":       `<html><body dir="auto">KEEP Ja.<br><br><div dir="ltr">CUT Skickat från min iPhone</div><div dir="ltr"><br><blockquote type="cite">CUT 18 nov. 2026 kl. 14:07 skrev Support:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">CUT Passar?</div></blockquote></body></html>`,
	"tb nl bottom":    `<html><body><div class="moz-cite-prefix">CUT Op 18-11-2026 om 14:07 schreef Support:<br></div><blockquote type="cite" cite="mid:x@x"><p>CUT Welke maat?</p></blockquote><p>KEEP Maat 42.</p><div class="moz-signature">-- <br>CUT Jan</div></body></html>`,
	"yahoo fr":        `<html><body><div class="ydp123yahoo-style-wrap"><div dir="ltr">KEEP Merci</div></div><div id="ydp55yahoo_quoted_88" class="ydp55yahoo_quoted"><div><div>CUT Le mercredi 18 novembre 2026 a écrit :</div><div>CUT facture</div></div></div></body></html>`,
	"yahoo android":   `KEEP That worked<br><br><div id="ymail_android_signature"><a id="ymail_android_signature_link" href="https://mail.onelink.me/1">CUT Yahoo Mail: Search, Organize, Conquer</a></div> <br> <blockquote style="margin: 0 0 20px 0;"> <div style="font-family:Roboto, sans-serif; color:#6D00F6;"> <div>CUT On Wed, Nov 18, 2026 at 2:07 PM, Support</div><div>&lt;s@x.example&gt; wrote:</div> </div> <div style="padding: 10px 0 0 20px;">CUT Please restart it.</div> </blockquote>`,
	"proton":          `<div style="font-family: Arial, sans-serif; font-size: 14px;">KEEP Passt.</div><div class="protonmail_signature_block protonmail_signature_block-empty"></div><div class="protonmail_quote">CUT Am Mittwoch schrieb Support:<br><blockquote class="protonmail_quote" type="cite">CUT Frage</blockquote></div>`,
	"samsung":         `<html><head></head><body dir="auto">KEEP Va bene.<div dir="auto"><br></div><div id="composer_signature" dir="auto"><div style="font-size:12px;color:#575757" dir="auto">CUT Inviato dal mio Galaxy</div></div><div dir="auto"><br></div><!-- originalMessage --><div>CUT -------- Messaggio originale --------</div><div>CUT Da: Support &lt;s@x.example&gt; </div><div>CUT Data: 18/11/26 14:07 (GMT+01:00) </div><div>CUT A: giulia@rossi.example </div><div>CUT Oggetto: Re: x </div><div><br></div>CUT Il corriere arriva.</body></html>`,
	"gmx":             `<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;"><div>KEEP Läuft.</div><div>&nbsp;</div><div class="signature">KEEP Kerstin</div><div>&nbsp;</div><div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5; word-wrap: break-word;"><div style="margin:0 0 10px 0;"><b>CUT Gesendet:</b>&nbsp;Mittwoch, 18. November 2026 um 14:07 Uhr<br/><b>Von:</b>&nbsp;Support &lt;s@x.example&gt;<br/><b>An:</b>&nbsp;k@gmx.example<br/><b>Betreff:</b>&nbsp;Re: Fehler</div><div name="quoted-content">CUT Versuchen Sie</div></div></div></body></html>`,
	"spark":           `<html><body><div name="messageBodySection"><div dir="auto">KEEP Sounds good</div></div><div name="messageSignatureSection"><br><div class="matchFont">CUT Ann</div></div><div name="messageReplySection">CUT On Nov 18, 2026 at 2:07 PM +0100, Support, wrote:<br><blockquote type="cite">CUT ten?</blockquote></div></body></html>`,
	"zoho":            `<div>KEEP Yes</div><div class="zmail_extra_hr" style="border-top: 1px solid rgb(204, 204, 204);"></div><div class="zmail_extra"><div id="Zm-_Id_-Sgn1">CUT ---- On Wed, 18 Nov 2026 14:07:11 +0100 <b>Support &lt;s@x.example&gt;</b> wrote ---</div><blockquote>CUT q</blockquote></div>`,
	"front/frontapp":  `<div>KEEP Hello</div><div class="front-signature">CUT Bob</div><blockquote type="cite" class="front-blockquote"><p>CUT On November 18, 2026, s@x.example wrote:</p>CUT q</blockquote>`,
	"hey":             `<div class="trix-content"><div>KEEP Hi</div></div><div><br><br>CUT On November 18, 2026, Support &lt;s@x.example&gt; wrote:<br><blockquote>CUT q</blockquote></div>`,
	"tutanota":        `<div>KEEP Hi</div><div><br>-- <br>CUT Secured with Tuta Mail</div><br>CUT 18 Nov 2026, 14:07 by s@x.example:<br><blockquote class="tutanota_quote">CUT q</blockquote>`,
	"mail.ru":         `<HTML><BODY>KEEP Да.<br><br><br>--<br>CUT Иван<br><blockquote style="border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;">CUT Среда, 18 ноября 2026, 14:07 +03:00 от Support &lt;s@x.example&gt;:<br>CUT q</blockquote></BODY></HTML>`,
}

func TestFoldFreshHTML(t *testing.T) {
	marked := regexp.MustCompile("(CUT|KEEP) ([^<&]{1,25})")
	for name, src := range freshHTML {
		t.Run(name, func(t *testing.T) {
			safe, text, folds := email.FoldHTML(strings.NewReplacer("CUT ", "", "KEEP ", "").Replace(src))
			if !strings.Contains(safe, foldHead) {
				t.Errorf("no fold in %s", safe)
			}
			folded := map[int]bool{}
			for _, f := range folds {
				for i := f.From; i < f.To; i++ {
					folded[i] = true
				}
			}
			for _, m := range marked.FindAllStringSubmatch(src, -1) {
				found := false
				for i, l := range strings.Split(text, "\n") {
					if strings.Contains(l, strings.TrimSpace(m[2])) {
						found = true
						if folded[i] != (m[1] == "CUT") {
							t.Errorf("folded %v: %s", folded[i], l)
						}
					}
				}
				if !found {
					t.Errorf("%q is not in %q", m[2], text)
				}
			}
		})
	}
}
