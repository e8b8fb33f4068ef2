package tlsmsg

import (
	"bytes"

	"netifyd/core/wire"
)

// ClientHello is the first message of a client (RFC 8446, section 4.1.2;
// RFC 9147, section 5.3 for DTLS). Fields behind the place where a cut hello
// ends are nil.
type ClientHello struct {
	Version    uint16 // legacy_version
	SessionID  []byte
	Ciphers    []byte // two bytes each
	Extensions Extensions
	Whole      bool // all of the message was there and made sense
}

// ParseClientHello reads the body of a ClientHello, also one that is not whole.
// False where it can be none.
func ParseClientHello(m Message, dtls bool) (h ClientHello, ok bool) {
	c := wire.New(m.Body)
	h.Version = c.U16()
	c.Skip(32)
	h.SessionID = c.Vec8()
	if dtls {
		c.Vec8() // cookie
	}
	h.Ciphers = c.Vec16()
	c.Vec8() // compression methods
	if !c.Ok() {
		return h, !m.Whole
	}
	if len(h.SessionID) > 32 || len(h.Ciphers)%2 != 0 {
		return h, false
	}
	h.Extensions, h.Whole = block(&c, m.Whole)
	return h, true
}

// block reads the extensions at the end of a hello; a hello without them is whole too.
func block(c *wire.Cursor, whole bool) (Extensions, bool) {
	if c.Len() < 2 {
		return nil, whole
	}
	n := int(c.U16())
	if n <= c.Len() {
		return Extensions(c.Bytes(n)), whole
	}
	return Extensions(c.Rest()), false
}

// ServerHello is the answer (RFC 8446, section 4.1.3).
type ServerHello struct {
	Legacy     uint16 // legacy_version
	Version    uint16 // really negotiated: supported_versions where it is there
	Cipher     uint16
	Extensions Extensions
	Retry      bool // a HelloRetryRequest: the real ServerHello follows
	Retried    bool // for who reads both: a HelloRetryRequest came, this one or one before it
	Whole      bool
}

// retryRandom is the SHA-256 of "HelloRetryRequest" (RFC 8446, section 4.1.3).
var retryRandom = []byte("\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c")

// ParseServerHello reads the body of a ServerHello, which must be there up to
// the cipher at least.
func ParseServerHello(m Message) (h ServerHello, ok bool) {
	c := wire.New(m.Body)
	h.Legacy = c.U16()
	random := c.Bytes(32)
	if isDraft(h.Legacy) {
		// Before draft 22 the version stood here and there was neither session nor compression.
		h.Cipher = c.U16()
	} else {
		c.Vec8() // session
		h.Cipher = c.U16()
		c.U8() // compression
	}
	if !c.Ok() {
		return h, false
	}
	h.Version = h.Legacy
	h.Extensions, h.Whole = block(&c, m.Whole)
	if v, found := h.Extensions.Find(extVersions); found && len(v) == 2 {
		h.Version = uint16(v[0])<<8 | uint16(v[1])
	}
	h.Retry = bytes.Equal(random, retryRandom)
	return h, true
}

func isDraft(v uint16) bool { return v>>8 == 0x7f }

// Is13 says that a version is TLS 1.3, DTLS 1.3 or one of the drafts, where
// certificates are encrypted. 0xfb is the high byte of Facebook's drafts.
func Is13(v uint16) bool {
	return v == 0x0304 || v == 0xfefc || isDraft(v) || v>>8 == 0xfb
}
