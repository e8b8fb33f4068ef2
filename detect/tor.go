package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

// refineTor turns TLS into Tor where the certificate is a relay's: Tor makes
// one up for every link, whose subject is a random name in .net and whose
// issuer another, in .com, and nothing else (tor-spec, section "Link
// handshake"; the names are 8 to 20 letters of base 32).
func refineTor(res *Result) {
	switch res.Protocol {
	case proto.TLS, proto.HTTPS:
		if isTorName(res.Get(attr.TLSSubjectDN), ".net") && isTorName(res.Get(attr.TLSIssuerDN), ".com") && !res.Has(attr.TLSSANs) {
			res.Protocol = proto.Tor
		}
	}
}

// isTorName reads "CN=www.", letters and digits 2 to 7, and the ending.
func isTorName(dn []byte, ending string) bool {
	const prefix, shortest, longest = "CN=www.", 8, 20
	if begins(dn, prefix) != Match {
		return false
	}
	name := dn[len(prefix):]
	n := 0
	for n < len(name) && (name[n] >= 'a' && name[n] <= 'z' || name[n] >= '2' && name[n] <= '7') {
		n++
	}
	return n >= shortest && n <= longest && string(name[n:]) == ending
}
