package mailer

import (
	"path"
	"strings"
)

// refused are the extensions of files that SES sends to nobody (Amazon SES developer guide, "Unsupported attachment types").
var refused = func() map[string]bool {
	all := map[string]bool{}
	for _, ext := range strings.Fields(`ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib
		lnk mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml msh2xml msi msp mst ops pcd pif
		plg prf prg reg scf scr sct shb shs sys ps1 ps1xml ps2 ps2xml psc1 psc2 tmp url vb vbe vbs vps vsmacros vss vst vsw vxd ws wsc wsf wsh xnk`) {
		all["."+ext] = true
	}
	return all
}()

// Refuses reports whether no mail can carry a file of this name.
func Refuses(name string) bool {
	return refused[strings.ToLower(path.Ext(strings.TrimRight(name, ". ")))]
}
