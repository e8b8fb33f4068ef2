// Package x509min reads the few fields of an X.509 certificate (RFC 5280) that
// an event tells of: subject, issuer, validity and names. It takes a
// certificate that was cut, gives what comes before the cut, checks no
// signature and never allocates; slices alias the input.
package x509min

// Certificate is what was there. Names are the contents of an RDNSequence.
type Certificate struct {
	Issuer, Subject     []byte
	NotBefore, NotAfter int64  // seconds since 1970; 0: not there or before 1970
	Names               []byte // contents of subjectAltName, to be walked with NextName
}

// ASN.1 tags (X.690).
const (
	tagInteger     = 0x02
	tagBitString   = 0x03
	tagOctetString = 0x04
	tagOID         = 0x06
	tagSequence    = 0x30
	tagSet         = 0x31
	tagVersion     = 0xa0
	tagExtensions  = 0xa3
)

// value is one element in DER.
type value struct {
	tag   byte
	body  []byte // as much as there is
	whole bool
}

// next takes the first element off b; false where its header is not there or not DER.
func next(b []byte) (v value, rest []byte, ok bool) {
	if len(b) < 2 {
		return v, nil, false
	}
	v.tag = b[0]
	n, at := int(b[1]), 2
	if n >= 0x80 {
		size := n & 0x7f
		if size == 0 || size > 3 || len(b) < 2+size {
			return v, nil, false
		}
		n = 0
		for _, c := range b[2 : 2+size] {
			n = n<<8 | int(c)
		}
		at += size
	}
	v.body = b[at:]
	if n <= len(v.body) {
		v.body, rest, v.whole = v.body[:n], v.body[n:], true
	}
	return v, rest, true
}

// Parse reads a certificate. False where it is none.
func Parse(der []byte) (c Certificate, ok bool) {
	cert, _, ok := next(der)
	if !ok || cert.tag != tagSequence {
		return c, false
	}
	tbs, _, ok := next(cert.body)
	if !ok || tbs.tag != tagSequence {
		return c, false
	}
	b := tbs.body
	v, rest, ok := next(b)
	if ok && v.tag == tagVersion {
		b = rest
	}
	// serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
	for i, tag := range [...]byte{tagInteger, tagSequence, tagSequence, tagSequence, tagSequence, tagSequence} {
		v, rest, ok := next(b)
		if !ok {
			return c, i > 0
		}
		if v.tag != tag {
			return c, false
		}
		if !v.whole {
			return c, true
		}
		switch i {
		case 2:
			c.Issuer = v.body
		case 3:
			c.NotBefore, c.NotAfter = validity(v.body)
		case 4:
			c.Subject = v.body
		}
		b = rest
	}
	for len(b) > 0 {
		v, rest, ok := next(b)
		if !ok {
			break
		}
		if v.tag == tagExtensions {
			c.Names = alternativeNames(v.body)
		}
		b = rest
	}
	return c, true
}

// alternativeNames finds subjectAltName (RFC 5280, section 4.2.1.6) among the extensions.
func alternativeNames(b []byte) []byte {
	list, _, ok := next(b)
	if !ok || list.tag != tagSequence {
		return nil
	}
	for b = list.body; ; {
		ext, rest, ok := next(b)
		if !ok || ext.tag != tagSequence {
			return nil
		}
		b = rest
		id, fields, ok := next(ext.body)
		if !ok || id.tag != tagOID || string(id.body) != "\x55\x1d\x11" {
			continue
		}
		v, fields, ok := next(fields)
		if ok && v.tag == 0x01 { // critical
			v, _, ok = next(fields)
		}
		if !ok || v.tag != tagOctetString {
			return nil
		}
		if names, _, ok := next(v.body); ok && names.tag == tagSequence {
			return names.body
		}
		return nil
	}
}

// Kinds of general names.
const (
	DNSName   = 0x82
	IPAddress = 0x87
)

// NextName takes the first name off a list; kind 0 at its end. Other kinds than the two above come back too.
func NextName(b []byte) (kind byte, name, rest []byte) {
	v, rest, ok := next(b)
	if !ok || !v.whole {
		return 0, nil, nil
	}
	return v.tag, v.body, rest
}
