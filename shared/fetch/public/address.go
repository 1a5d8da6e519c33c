package public

import "net/netip"

// special are the blocks that are no stranger's public server, whatever answers there.
// Source: IANA, "IPv4 Special-Purpose Address Registry" and "IPv6 Special-Purpose Address Registry": all that is not globally reachable, and
// beside it what only leads on to other addresses (6to4, Teredo, NAT64, AMT, AS112) or to nobody in particular (multicast).
var special = parse(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
)

// unicast is the only block of IPv6 from which addresses are given out (IANA, "Internet Protocol Version 6 Address Space"). Loopback, link and
// unique local addresses, multicast, and every IPv4 address dressed up as IPv6 (mapped, compatible, NAT64) lie outside.
var unicast = netip.MustParsePrefix("2000::/3")

func parse(blocks ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(blocks))
	for i, b := range blocks {
		out[i] = netip.MustParsePrefix(b)
	}
	return out
}

// isPublic reports whether an address can be a stranger's public server.
func isPublic(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is6() && !unicast.Contains(a) {
		return false
	}
	for _, block := range special {
		if block.Contains(a) {
			return false
		}
	}
	return true
}
