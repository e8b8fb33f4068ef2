package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/tlsmsg"
)

var tlsCard = Protocol{ID: proto.TLS, Over: TCP, Ports: tlsPorts, Limit: tlsLimit, Adds: true, Inspect: inspectTLSCard}

// tlsLimit is room for a ServerHello and a usual chain of certificates.
const tlsLimit = 8192

func inspectTLSCard(in *Input, res *Result) Verdict {
	v, swapped := readTLS(in.ToServer, in.ToClient, in.Opened, res)
	port := in.ServerPort
	if swapped {
		port = in.ClientPort
	}
	if v == NeedMore && (protectedWhole(in.ToServer) || protectedWhole(in.ToClient)) && isTLSPort(in) {
		// One protected record, whole, at a port of TLS: type, version and
		// length are some 26 bits of evidence, and the port adds the rest.
		v, res.Partial = Match, true
	}
	if v == Match {
		res.Protocol = tlsName(port, res)
		refineResolver(res)
		refineTor(res)
		refineFortiClient(port, res)
	}
	return v
}

// inspectTLS reads TLS in the clear part of a stream each way, c from the
// client and s from the server, each from the place where TLS begins: after
// STARTTLS, inside a tunnel, or from the start. It fills the attributes of TLS
// and the host name, More and Partial, but leaves res.Protocol alone.
func inspectTLS(c, s []byte, res *Result) Verdict {
	v, _ := readTLS(c, s, true, res)
	return v
}

// opening is what a stream begins with.
type opening uint8

const (
	openNothing opening = iota
	openClientHello
	openServerHello
	openSSLv2
	openHandshake // a later handshake message, an alert or a ChangeCipherSpec
	openProtected
)

// readTLS is inspectTLS; swapped says that the hellos show the directions to be
// the wrong way round: where the opening was not seen, or where who opened the
// connection is the one that answers the other's hello.
func readTLS(c, s []byte, opened bool, res *Result) (v Verdict, swapped bool) {
	oc, vc := openTLS(c, res)
	os, vs := openTLS(s, res)
	asks := os == openClientHello || os == openSSLv2
	switch {
	case oc == openClientHello || os == openServerHello:
	case asks && opened && len(c) == 0:
		return NeedMore, false // a server alone may not say what the client asks for
	case asks && oc == openServerHello, (asks || oc == openServerHello) && !opened:
		c, s, oc, os, vc, vs = s, c, os, oc, vs, vc
		swapped = true
	}
	switch {
	case vc == Match || vs == Match:
	case oc == openProtected && os == openProtected && c[1] == s[1] && c[2] == s[2]:
		// a record header each way
	case vc == No && len(c) > 0 || vs == No && len(s) > 0:
		return No, swapped
	default:
		return NeedMore, swapped
	}
	if oc != openClientHello && os != openServerHello && oc != openSSLv2 {
		res.Partial = true
		return Match, swapped
	}
	fillTLS(c, s, oc, res)
	if swapped {
		res.Awaits = 0
	}
	return Match, swapped
}

// openTLS judges the start of one direction. An empty one gives NeedMore.
func openTLS(b []byte, res *Result) (opening, Verdict) {
	if len(b) == 0 {
		return openNothing, NeedMore
	}
	if b[0]&0x80 != 0 {
		switch _, fit := tlsmsg.SSLv2Hello(b); fit {
		case tlsmsg.Whole:
			return openSSLv2, Match
		case tlsmsg.Short:
			return openNothing, NeedMore
		}
		return openNothing, No
	}
	typ, length, fit := tlsmsg.Header(b)
	switch {
	case fit == tlsmsg.Wrong:
		return openNothing, No
	case fit == tlsmsg.Short:
		return openNothing, NeedMore
	case typ == tlsmsg.Handshake:
		if o, v := openHandshakeRecord(b, length, res); v != No {
			return o, v
		}
	case typ == tlsmsg.ChangeCipherSpec:
		return openByte(b, length, 1, 1)
	case typ == tlsmsg.Alert && length == 2:
		return openByte(b, length, 1, 2) // level: warning or fatal
	}
	return openProtectedChain(b)
}

// openByte judges the first byte of a record's body, which lies between two values.
func openByte(b []byte, length int, low, high byte) (opening, Verdict) {
	switch {
	case len(b) < tlsmsg.HeaderSize+length:
		return openNothing, NeedMore
	case b[tlsmsg.HeaderSize] < low || b[tlsmsg.HeaderSize] > high:
		return openNothing, No
	}
	return openHandshake, Match
}

// openHandshakeRecord judges a handshake record by its first message: type,
// length and, in a hello, the version.
func openHandshakeRecord(b []byte, length int, res *Result) (opening, Verdict) {
	const look = 6 // of the message, which may be spread over records
	m := b[tlsmsg.HeaderSize:]
	if length < look {
		m = tlsmsg.Join(b[:min(len(b), 64)], res.Scratch[:64]).Messages
	}
	if len(m) < look {
		return openNothing, NeedMore
	}
	size := int(m[1])<<16 | int(m[2])<<8 | int(m[3])
	version := uint16(m[4])<<8 | uint16(m[5])
	switch m[0] {
	case tlsmsg.ClientHelloType:
		if size >= 38 && size < 1<<17 && version>>8 == 3 && version&0xff <= 4 {
			return openClientHello, Match
		}
	case tlsmsg.ServerHelloType:
		if size >= 38 && size < 1<<14 && (version>>8 == 3 && version&0xff <= 4 || tlsmsg.Is13(version)) {
			return openServerHello, Match
		}
	case tlsmsg.CertificateType, tlsmsg.ServerKeyExchange, tlsmsg.CertificateStatus, tlsmsg.NewSessionTicket, tlsmsg.ClientKeyExchange, tlsmsg.CertificateRequest:
		if size+4 == length || size > 0 && size+4 < length && m[0] == tlsmsg.CertificateType {
			return openHandshake, Match
		}
	case tlsmsg.HelloRequest, tlsmsg.ServerHelloDone:
		if size == 0 && length == 4 {
			return openHandshake, Match
		}
	}
	return openNothing, No
}

// openProtectedChain judges records whose bodies say nothing: two headers, one
// where the other says it is, are proof; one is not.
func openProtectedChain(b []byte) (opening, Verdict) {
	_, length, _ := tlsmsg.Header(b)
	if b[2] == 0 || length < 16 { // shorter than any cipher makes it
		return openNothing, No
	}
	next := b[min(len(b), tlsmsg.HeaderSize+length):]
	if len(next) == 0 {
		return openProtected, NeedMore
	}
	_, _, fit := tlsmsg.Header(next)
	switch {
	case fit == tlsmsg.Wrong || len(next) > 2 && next[2] != b[2]:
		return openNothing, No
	case fit == tlsmsg.Short:
		return openProtected, NeedMore
	}
	return openProtected, Match
}

// protectedWhole says that b begins with one whole record of application data
// or, as at the end of a session, a protected alert: two bytes, made longer by
// the cipher, by 96 bytes at most.
func protectedWhole(b []byte) bool {
	typ, length, fit := tlsmsg.Header(b)
	if fit != tlsmsg.Whole || length < 16 || len(b) < tlsmsg.HeaderSize+length || b[2] == 0 {
		return false
	}
	return typ == tlsmsg.ApplicationData || typ == tlsmsg.Alert && length <= 96
}

// tlsPorts are the server ports that tlsName knows, and some where TLS has no closer name.
var tlsPorts = []uint16{443, 8443, 853, 465, 563, 585, 587, 636, 989, 990, 992, 993, 994, 995, 5061, 5223, 5228, 5671, 6514, 6697, 8883}

func isTLSPort(in *Input) bool {
	for _, p := range tlsPorts {
		if in.HasPort(p) {
			return true
		}
	}
	return false
}

// tlsName names what TLS carries: by the protocol negotiated inside (ALPN),
// else by the server's port, as netifyd does; plain TLS where neither tells.
func tlsName(port uint16, res *Result) proto.ID {
	if v := res.Get(attr.TLSALPNServer); v != nil && alpnOffered(v, res) {
		if id := alpnName(v); id != proto.Unknown {
			return id
		}
	} else if id := alpnOffer(res); id != proto.Unknown {
		return id
	}
	switch port {
	case 443:
		return proto.HTTPS
	case 53, 853:
		return proto.DoT
	case 465, 587:
		return proto.SMTPS
	case 585, 993:
		return proto.IMAPS
	case 995:
		return proto.POP3S
	case 989, 990:
		return proto.FTPS
	case 563:
		return proto.NNTPS
	case 1883, 8883:
		return proto.MQTTS
	case 5061:
		return proto.SIPS
	case 6697:
		return proto.IRCS
	}
	return proto.TLS
}

// alpnOffered says that a server's choice is one of the client's offers, as far as they were seen.
func alpnOffered(choice []byte, res *Result) bool {
	for v, at := res.Next(attr.TLSALPN, 0); at != 0; v, at = res.Next(attr.TLSALPN, at) {
		if same(v, choice) {
			return true
		}
	}
	return !res.Has(attr.TLSJA3)
}

// alpnOffer is what all of the client's offers have in common: in TLS 1.3 the
// server's choice is encrypted.
func alpnOffer(res *Result) proto.ID {
	common := proto.Unknown
	for v, at := res.Next(attr.TLSALPN, 0); at != 0; v, at = res.Next(attr.TLSALPN, at) {
		id := alpnName(v)
		if id == proto.Unknown || common != proto.Unknown && id != common {
			return proto.Unknown
		}
		common = id
	}
	return common
}

// alpnName is the protocol of an ALPN identifier (IANA, TLS ALPN Protocol IDs).
func alpnName(v []byte) proto.ID {
	switch string(v) {
	case "h2", "http/1.1", "http/1.0", "http/0.9", "spdy/1", "spdy/2", "spdy/3", "spdy/3.1":
		return proto.HTTPS
	case "dot":
		return proto.DoT
	case "imap", "managesieve":
		return proto.IMAPS
	case "pop3":
		return proto.POP3S
	case "ftp":
		return proto.FTPS
	case "nntp", "nnsp":
		return proto.NNTPS
	case "mqtt":
		return proto.MQTTS
	case "sip/2":
		return proto.SIPS
	case "irc":
		return proto.IRCS
	case "xmpp-client", "xmpp-server":
		return proto.XMPPS
	case "apns-security-v2", "apns-security-v3", "apns-pack-v1":
		return proto.ApplePush
	case "bep/1.0", "bep-relay":
		return proto.Syncthing
	}
	if begins(v, "anydesk/") == Match { // its version follows
		return proto.AnyDesk
	}
	return proto.Unknown
}
