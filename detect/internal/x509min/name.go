package x509min

import "unicode/utf8"

// attribute names a type of an RDN by the contents of its object identifier
// (RFC 4519; RFC 2985 for emailAddress).
var attributes = [...]struct{ oid, name string }{
	{"\x55\x04\x03", "CN"},
	{"\x55\x04\x06", "C"},
	{"\x55\x04\x0a", "O"},
	{"\x55\x04\x0b", "OU"},
	{"\x55\x04\x07", "L"},
	{"\x55\x04\x08", "ST"},
	{"\x55\x04\x09", "street"},
	{"\x55\x04\x04", "SN"},
	{"\x55\x04\x05", "serialNumber"},
	{"\x55\x04\x0c", "title"},
	{"\x55\x04\x0f", "businessCategory"},
	{"\x55\x04\x11", "postalCode"},
	{"\x55\x04\x2a", "GN"},
	{"\x55\x04\x2e", "dnQualifier"},
	{"\x55\x04\x61", "organizationIdentifier"},
	{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "emailAddress"},
	{"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC"},
	{"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "UID"},
	{"\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x01", "jurisdictionL"},
	{"\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x02", "jurisdictionST"},
	{"\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03", "jurisdictionC"},
}

// nextAttribute takes the first type and value off an RDNSequence. A set of
// several attributes gives the first of them.
func nextAttribute(dn []byte) (oid []byte, v value, rest []byte, ok bool) {
	set, rest, ok := next(dn)
	if !ok || set.tag != tagSet {
		return nil, v, nil, false
	}
	pair, _, ok := next(set.body)
	if !ok || pair.tag != tagSequence {
		return nil, v, nil, false
	}
	id, after, ok := next(pair.body)
	if !ok || id.tag != tagOID {
		return nil, v, nil, false
	}
	v, _, ok = next(after)
	return id.body, v, rest, ok && v.whole
}

// AppendDN writes a name as "C=US, O=Example, CN=www.example.com", in the
// order of the certificate, as far as dst has room. Types without a name here
// are left out.
func AppendDN(dst, dn []byte) []byte {
	for {
		oid, v, rest, ok := nextAttribute(dn)
		if !ok {
			return dst
		}
		dn = rest
		name := attributeName(oid)
		if name == "" {
			continue
		}
		if len(dst) > 0 {
			dst = appendText(dst, ", ")
		}
		dst = appendText(dst, name)
		dst = appendText(dst, "=")
		dst = appendValue(dst, v)
	}
}

// AppendCommonName writes the last CN of a name, which is the one that names the host.
func AppendCommonName(dst, dn []byte) []byte {
	start := len(dst)
	for {
		oid, v, rest, ok := nextAttribute(dn)
		if !ok {
			return dst
		}
		if string(oid) == attributes[0].oid {
			dst = appendValue(dst[:start], v)
		}
		dn = rest
	}
}

func attributeName(oid []byte) string {
	for i := range attributes {
		if string(oid) == attributes[i].oid {
			return attributes[i].name
		}
	}
	return ""
}

func appendText(dst []byte, s string) []byte {
	return append(dst, s[:min(len(s), cap(dst)-len(dst))]...)
}

// Tags of strings.
const (
	tagT61 = 0x14
	tagBMP = 0x1e
	tagUCS = 0x1c
)

// appendValue writes a string of any of ASN.1's types as UTF-8.
func appendValue(dst []byte, v value) []byte {
	width := 0
	switch v.tag {
	case tagT61: // Latin-1 in practice
		width = 1
	case tagBMP:
		width = 2
	case tagUCS:
		width = 4
	default:
		return append(dst, v.body[:min(len(v.body), cap(dst)-len(dst))]...)
	}
	for b := v.body; len(b) >= width && cap(dst)-len(dst) >= utf8.UTFMax; b = b[width:] {
		r := rune(0)
		for _, c := range b[:width] {
			r = r<<8 | rune(c)
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}
