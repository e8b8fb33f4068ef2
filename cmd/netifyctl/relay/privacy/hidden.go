package privacy

import (
	"net/netip"
	"strings"
)

// hides says that hardware addresses are not told.
func (f *Filter) hides() bool { return f != nil && f.mac != "" && f.mac != "plain" }

// hidden takes hardware addresses out of a name or another text where they are not
// told: an IPv6 address that is made of one (RFC 4291, appendix A), its name in
// ip6.arpa (RFC 3596, 2.5), a first label that is one with dashes, as providers
// give, and a hardware address as such, with colons or dashes.
func (f *Filter) hidden(text string) string {
	if !f.hides() {
		return text
	}
	if open, end := strings.IndexByte(text, '['), strings.IndexByte(text, ']'); open >= 0 && end > open {
		text = text[:open+1] + f.IP(text[open+1:end]) + text[end:]
	}
	text = f.plain(f.IP(text))
	if label, rest, ok := strings.Cut(text, "."); ok {
		if at := strings.ReplaceAll(label, "-", ":"); strings.IndexByte(at, ':') >= 0 && f.IP(at) != at {
			return rest
		}
	}
	return arpa(text)
}

// plain replaces hardware addresses in a text.
func (f *Filter) plain(text string) string {
	const size = len("00:00:00:00:00:00")
	for i := 0; i+size <= len(text); i++ {
		if c := text[i+2]; c != ':' && c != '-' {
			continue
		}
		mac := strings.ToLower(strings.ReplaceAll(text[i:i+size], "-", ":"))
		if !IsMAC(mac) || i > 0 && hexDigit(text[i-1]) || i+size < len(text) && hexDigit(text[i+size]) {
			continue
		}
		to := f.MAC(mac)
		text = text[:i] + to + text[i+size:]
		i += len(to) - 1
	}
	return text
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// networkDigits are those of the network in a name of ip6.arpa; the others come
// before them, the last one first.
const networkDigits = 16

// arpa gives the name of the network in place of that of an address that is, or
// may be, made of a hardware address.
func arpa(name string) string {
	const zone = ".ip6.arpa"
	digits, dot := strings.TrimSuffix(name, "."), ""
	if len(digits) < len(name) {
		dot = "."
	}
	if len(digits) < len(zone) || !strings.EqualFold(digits[len(digits)-len(zone):], zone) {
		return name
	}
	zoned := digits[len(digits)-len(zone):]
	list := strings.Split(digits[:len(digits)-len(zone)], ".")
	if len(list) <= networkDigits {
		return name
	}
	if len(list) == 32 {
		var b strings.Builder
		for i := range list {
			if i > 0 && i%4 == 0 {
				b.WriteByte(':')
			}
			b.WriteString(list[len(list)-1-i])
		}
		if a, err := netip.ParseAddr(b.String()); err == nil && !made(a) {
			return name
		}
	}
	return strings.Join(list[len(list)-networkDigits:], ".") + zoned + dot
}

// made says that an address is made of a hardware address.
func made(a netip.Addr) bool {
	b := a.As16()
	return a.Is6() && b[11] == 0xff && b[12] == 0xfe
}
