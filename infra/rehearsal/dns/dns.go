// Package dns is a name server of the rehearsal's: functions ask it as they would ask the machine's resolver on Lambda.
//
// Owns: the wire format. Never: the records, which are local mode's file. Imported by: infra/rehearsal.
package dns

import (
	"context"
	"net"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"parley/shared/dns"
	"parley/shared/dns/local"
)

// Server answers by UDP until it is closed.
type Server struct {
	conn net.PacketConn
	zone local.Zone
}

// Listen starts a server on a free port of this machine.
func Listen(zone local.Zone) (*Server, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{conn, zone}
	go s.serve()
	return s, nil
}

// Addr is host:port.
func (s *Server) Addr() string { return s.conn.LocalAddr().String() }

// Close ends it.
func (s *Server) Close() error { return s.conn.Close() }

func (s *Server) serve() {
	buf := make([]byte, 4096)
	for {
		n, from, err := s.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		if out, err := s.answer(m); err == nil {
			_ = s.conn.SetWriteDeadline(time.Now().Add(time.Second))
			_, _ = s.conn.WriteTo(out, from)
		}
	}
}

// answer: a file that is not there knows no name, so that whoever asks hears that there is none.
func (s *Server) answer(m dnsmessage.Message) ([]byte, error) {
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	found := false
	for _, kind := range []dns.Kind{dns.CNAME, dns.MX, dns.TXT} {
		values, err := s.zone.Lookup(context.Background(), kind, q.Name.String())
		if err != nil {
			continue
		}
		for i, v := range values {
			found = true
			body, typ, err := body(kind, v, i)
			if err != nil {
				return nil, err
			}
			if typ == q.Type || kind == dns.CNAME {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}, Body: body})
			}
		}
	}
	if !found {
		m.RCode = dnsmessage.RCodeNameError
	}
	return m.Pack()
}

func body(kind dns.Kind, value string, n int) (dnsmessage.ResourceBody, dnsmessage.Type, error) {
	if kind == dns.TXT {
		return &dnsmessage.TXTResource{TXT: pieces(value)}, dnsmessage.TypeTXT, nil
	}
	name, err := dnsmessage.NewName(strings.TrimSuffix(value, ".") + ".")
	if kind == dns.CNAME {
		return &dnsmessage.CNAMEResource{CNAME: name}, dnsmessage.TypeCNAME, err
	}
	return &dnsmessage.MXResource{Pref: uint16(10 * (n + 1)), MX: name}, dnsmessage.TypeMX, err
}

// pieces are strings of at most 255 octets (RFC 1035 §3.3).
func pieces(s string) []string {
	var out []string
	for len(s) > 255 {
		out, s = append(out, s[:255]), s[255:]
	}
	return append(out, s)
}
