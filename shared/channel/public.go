package channel

// public are mail providers' domains at which anybody can have an address, so that none of their customers can prove them.
var public = map[string]bool{
	"gmail.com": true, "googlemail.com": true, "outlook.com": true, "hotmail.com": true, "live.com": true, "msn.com": true, "outlook.de": true,
	"hotmail.de": true, "yahoo.com": true, "yahoo.de": true, "yahoo.co.uk": true, "ymail.com": true, "aol.com": true, "icloud.com": true, "me.com": true,
	"mac.com": true, "gmx.com": true, "gmx.de": true, "gmx.net": true, "gmx.at": true, "gmx.ch": true, "web.de": true, "t-online.de": true,
	"freenet.de": true, "mail.com": true, "proton.me": true, "protonmail.com": true, "fastmail.com": true, "zoho.com": true, "mail.ru": true,
	"yandex.ru": true, "yandex.com": true, "qq.com": true, "163.com": true, "126.com": true, "orange.fr": true, "free.fr": true, "laposte.net": true,
	"libero.it": true, "googlegroups.com": true,
}

// Public reports whether a domain is of that kind.
func Public(domain string) bool { return public[domain] }
