package config

import (
	"net"
	"net/netip"
	"strings"
)

// excluded turns an address, a prefix or a MAC address into tcpdump's language;
// false if text is none of them, or a MAC address where the link has none.
func excluded(text string, ethernet bool) (string, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return "net " + p.Masked().String(), true
	}
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return "host " + a.Unmap().String(), true
	}
	if m, err := net.ParseMAC(text); err == nil && len(m) == 6 {
		return "ether host " + m.String(), ethernet
	}
	return "", false
}

// FilterOf is what the kernel filters an interface with: its own filter, less
// what capture.exclude and interface.exclude name. ethernet says that the
// device has MAC addresses; on others those that are excluded cannot be seen.
func (c *Capture) FilterOf(i *Interface, ethernet bool) string {
	var not []string
	for _, list := range [][]string{c.Exclude, i.Exclude} {
		for _, text := range list {
			if term, ok := excluded(text, ethernet); ok {
				not = append(not, term)
			}
		}
	}
	switch {
	case len(not) == 0:
		return i.Filter
	case i.Filter == "":
		return "not (" + strings.Join(not, " or ") + ")"
	}
	return "(" + i.Filter + ") and not (" + strings.Join(not, " or ") + ")"
}
