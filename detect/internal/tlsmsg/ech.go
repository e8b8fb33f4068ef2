package tlsmsg

import (
	"bytes"

	"netifyd/core/wire"
)

// ECH is what a hello shows of Encrypted Client Hello (RFC 9849).
type ECH struct {
	Version uint16 // number of the extension: 0xfe0d, or 0xffce for the older ESNI; 0: none
	Offered bool   // a real offer; else a filler (GREASE), as far as can be told
}

// covers are public names of well-known ECH configurations: a hello that names
// one of them hides the name it means.
var covers = [...]string{
	"cloudflare-ech.com", // Cloudflare: every zone with ECH on
	"cover.defo.ie",      // test sites of the OpenSSL ECH work
	"public.tls-ech.dev", // test site of BoringSSL's maintainers
}

// ECH judges the hello. A browser without a configuration of its host sends a
// filler made so that it looks like an offer (RFC 9849, section 6.2), and the
// two differ only in this: an offer's server_name is the provider's public
// name, where a filler comes with the host's own. So it counts as an offer
// where the name is a cover known here, and as filler otherwise; an offer under
// a public name that is not known here is taken for a filler.
func (h *ClientHello) ECH() ECH {
	if body, ok := h.Extensions.Find(extECH); ok {
		_, outer := outerECH(body)
		return ECH{extECH, outer && isCover(h.Extensions.ServerName())}
	}
	// ESNI had no filler in any release of a browser.
	if body, ok := h.Extensions.Find(extESNI); ok {
		return ECH{extESNI, len(body) > 2}
	}
	return ECH{}
}

// ECHAfterRetry judges first by second, the hello that answers a
// HelloRetryRequest: a filler is repeated byte by byte, an offer comes again
// without the encapsulated key (RFC 9849, sections 6.1.5 and 6.2).
func ECHAfterRetry(first, second *ClientHello) ECH {
	a, ok := first.Extensions.Find(extECH)
	b, again := second.Extensions.Find(extECH)
	if !ok || !again {
		return first.ECH()
	}
	if bytes.Equal(a, b) {
		return ECH{extECH, false}
	}
	enc, outer := outerECH(b)
	return ECH{extECH, outer && len(enc) == 0}
}

// outerECH reads the outer form of the extension: type 0, KDF, AEAD,
// configuration, encapsulated key, payload. outer is false for any other.
func outerECH(body []byte) (enc []byte, outer bool) {
	c := wire.New(body)
	typ := c.U8()
	c.Skip(2 + 2 + 1)
	enc = c.Vec16()
	payload := c.Vec16()
	return enc, c.Ok() && typ == 0 && len(payload) > 0
}

func isCover(name []byte) bool {
	for _, c := range covers {
		if len(name) == len(c) && bytes.EqualFold(name, []byte(c)) {
			return true
		}
	}
	return false
}
