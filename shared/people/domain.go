package people

import (
	"strings"
)

// CompanyDomain returns the domain by which an address tells where its owner works; "" for an address at a provider of free mail, for one of
// a machine, and for what is no address.
func CompanyDomain(address string) string {
	_, domain, ok := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	domain = strings.TrimSuffix(domain, ".")
	if !ok || !strings.Contains(domain, ".") || FreeMail(domain) || strings.HasSuffix(domain, ".invalid") {
		return ""
	}
	return domain
}

// FreeMail reports whether a domain gives addresses to anybody: it says nothing of a company.
func FreeMail(domain string) bool {
	domain = strings.ToLower(domain)
	if freeMail[domain] {
		return true
	}
	name, _, _ := strings.Cut(domain, ".")
	return everywhere[name] && strings.Count(domain, ".") <= 2
}

// everywhere are providers with a domain in many countries: yahoo.co.uk, hotmail.it.
var everywhere = map[string]bool{"yahoo": true, "hotmail": true, "outlook": true, "live": true, "gmx": true, "yandex": true, "ymail": true, "aol": true}

var freeMail = func() map[string]bool {
	m := map[string]bool{}
	for _, d := range strings.Fields(freeMailDomains) {
		m[d] = true
	}
	return m
}()

// freeMailDomains is the named list: providers of mail for everybody, and access providers whose customers' addresses they are.
const freeMailDomains = `
gmail.com googlemail.com icloud.com me.com mac.com msn.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io
tuta.com fastmail.com fastmail.fm hey.com zoho.com zohomail.com mail.com email.com usa.com inbox.com gmx.net web.de freenet.de t-online.de
arcor.de online.de mail.de posteo.de posteo.net mailbox.org vodafone.de 1und1.de kabelmail.de bluewin.ch sunrise.ch hispeed.ch swissonline.ch
aon.at chello.at siol.net t-2.net amis.net volja.net email.si orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr
bbox.fr libero.it virgilio.it tiscali.it alice.it tin.it tim.it fastwebnet.it telefonica.net terra.es movistar.es sapo.pt clix.pt netcabo.pt
telenet.be skynet.be scarlet.be ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl hetnet.nl casema.nl upcmail.nl online.nl telia.com comhem.se
bredband.net tele2.se spray.se online.no broadpark.no getmail.no mail.dk post.tele.dk stofanet.dk tdcadsl.dk kolumbus.fi elisanet.fi
luukku.com seznam.cz email.cz centrum.cz volny.cz azet.sk zoznam.sk centrum.sk wp.pl o2.pl onet.pl onet.eu interia.pl gazeta.pl op.pl
freemail.hu citromail.hu t-online.hu indamail.hu abv.bg mail.bg dir.bg mail.ru bk.ru list.ru inbox.ru rambler.ru ya.ru ukr.net i.ua meta.ua
bigmir.net btinternet.com sky.com virginmedia.com talktalk.net ntlworld.com blueyonder.co.uk o2.co.uk tiscali.co.uk eircom.net comcast.net
verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net optonline.net frontier.com windstream.net juno.com
netzero.net rogers.com shaw.ca sympatico.ca videotron.ca telus.net bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au xtra.co.nz
qq.com 163.com 126.com yeah.net sina.com sina.cn sohu.com foxmail.com aliyun.com 139.com naver.com daum.net hanmail.net nate.com
rediffmail.com indiatimes.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp nifty.com uol.com.br bol.com.br terra.com.br ig.com.br
globo.com prodigy.net.mx mailinator.com guerrillamail.com 10minutemail.com yopmail.com temp-mail.org trashmail.com duck.com mozmail.com
simplelogin.com anonaddy.com privaterelay.appleid.com users.noreply.github.com
`
