package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

// refineTor turns TLS into Tor where the certificate is a relay's: Tor makes
// one up for every link, whose subject is a random name in .net and whose
// issuer another, in .com, and nothing else (tor-spec, section "Link
// handshake"; the names are 8 to 20 letters of base 32). TLS 1.3 hides the
// certificate; there the client's hello tells.
func refineTor(res *Result) {
	switch res.Protocol {
	case proto.TLS, proto.HTTPS:
		if isTorName(res.Get(attr.TLSSubjectDN), "CN=www.", ".net", 8, 20) && isTorName(res.Get(attr.TLSIssuerDN), "CN=www.", ".com", 8, 20) && !res.Has(attr.TLSSANs) ||
			isTorHello(res) {
			res.Protocol = proto.Tor
		}
	}
}

// isTorHello says that the client asks for a made-up name of 4 to 25 letters of
// base 32 in .com, for no application protocol, and offers Tor's ciphers: those
// of an old Firefox, which always asked for an application protocol, and the
// signal of RFC 5746, which Firefox did not send.
func isTorHello(res *Result) bool {
	const ciphers = "796efca44d18" // JA4's digest of the 18 suites that tor 0.4.9 offers
	ja4 := res.Get(attr.TLSJA4)
	return len(ja4) > 23 && string(ja4[:6]) == "t13d18" && string(ja4[8:11]) == "00_" && string(ja4[11:23]) == ciphers &&
		isTorName(res.Get(attr.TLSSNI), "www.", ".com", 4, 25)
}

// isTorName reads the prefix, letters and digits 2 to 7, and the ending.
func isTorName(dn []byte, prefix, ending string, shortest, longest int) bool {
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
