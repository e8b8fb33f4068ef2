package risk

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

const day = 86400

func number(in *Input, k attr.Key) int64 {
	n, _ := in.Set.Number(k)
	return int64(n)
}

func isOutside(in *Input) bool {
	return in.to != 0 && in.Now > in.to || in.from != 0 && in.Now < in.from
}

func endsSoon(in *Input) bool {
	return in.to != 0 && in.Now <= in.to && in.to-in.Now < 7*day && in.from != 0 && in.to-in.from > 30*day
}

// isTooLong goes by the limits that were in force when the certificate was made.
func isTooLong(in *Input) bool {
	from, to := in.from, in.to
	if from == 0 || to == 0 || to-from <= 398*day || isSelfSigned(in) || !hasPublicNames(in) {
		return false
	}
	const april2015, march2018, september2020 = 1427846400, 1519862400, 1598918400
	switch days := (to - from + day - 1) / day; {
	case from >= september2020:
		return days > 398
	case from >= march2018:
		return days > 825
	case from >= april2015:
		return days > 39*31
	}
	return false
}

func isSelfSigned(in *Input) bool {
	subject := in.Set.Get(attr.TLSSubjectDN)
	return len(subject) > 0 && bytes.Equal(subject, in.Set.Get(attr.TLSIssuerDN))
}

// isObsoleteTLS goes by the version agreed on, or the newest that the client
// offers where the server has not spoken.
func isObsoleteTLS(in *Input) bool {
	const tls12, dtls10 = 0x0303, 0xfeff
	v := in.version
	return v != 0 && (v < tls12 || v == dtls10 || v == 0x0100)
}

func isWeakSuite(in *Input) bool {
	suite := in.suite
	return suite != 0 && (suite>>8 == 0 && weak[0][suite&255] || suite>>8 == 0xc0 && weak[1][suite&255])
}

// weak has the suites of weakSuites, those that begin with 0 and those with c0.
var weak = func() (t [2][256]bool) {
	for _, w := range weakSuites {
		for s := w.from; s <= w.to; s++ {
			t[s>>15][s&255] = true
		}
	}
	return t
}()

// weakSuites are ranges of cipher suites (IANA, "TLS Cipher Suites") with NULL,
// EXPORT, RC2, RC4, DES or 3DES, or anonymous, sorted.
var weakSuites = [...]struct{ from, to uint16 }{
	{0x0001, 0x0006}, {0x0008, 0x000f}, {0x0010, 0x001b}, {0x001e, 0x0020}, {0x0022, 0x0024}, {0x0026, 0x002e}, {0x0034, 0x0034}, {0x003a, 0x003b},
	{0x0046, 0x0046}, {0x0060, 0x0066}, {0x006c, 0x006d}, {0x0089, 0x008b}, {0x008e, 0x008f}, {0x0092, 0x0093}, {0x009b, 0x009b}, {0x00a6, 0x00a7},
	{0x00b0, 0x00b1}, {0x00b4, 0x00b5}, {0x00b8, 0x00b9}, {0x00bf, 0x00bf}, {0x00c5, 0x00c5},
	{0xc001, 0xc003}, {0xc006, 0xc008}, {0xc00b, 0xc00d}, {0xc010, 0xc012}, {0xc015, 0xc01c}, {0xc033, 0xc034}, {0xc039, 0xc03b},
	{0xc046, 0xc047}, {0xc05a, 0xc05b}, {0xc084, 0xc085},
}

// signsItself says that a protocol has certificates of its own making.
func signsItself(in *Input) bool {
	switch in.Proto {
	case proto.DTLS:
		return !in.Set.Has(attr.TLSSNI)
	case proto.Tor, proto.Syncthing:
		return true
	}
	return !hasPublicNames(in) || isCast(in)
}

// isCast says that a Chromecast of the own network is spoken to: it has a
// certificate of its own making, and is called by its address.
func isCast(in *Input) bool {
	const castPort = 8009
	return in.ServerPort == castPort && !in.Remote && !in.Set.Has(attr.TLSSNI)
}

var hidingKeys = attr.MaskOf(attr.TLSECH, attr.TLSECHVersion)

func hidesName(in *Input) bool {
	const esni = 0xffce
	return string(in.Set.Get(attr.TLSECH)) == "offered" || number(in, attr.TLSECHVersion) == esni
}

// wantsName says that a client is expected to name the server: not where TLS
// carries a tunnel of its own, nor where it begins inside another protocol, nor
// where a resolver is known by its address alone (RFC 7858, section 4.1).
func wantsName(in *Input) bool {
	switch in.Proto {
	case proto.OpenVPN, proto.Tor, proto.SSTP, proto.Syncthing, proto.AnyDesk, proto.TeamViewer, proto.RDP, proto.MSSQLTDS, proto.PGSQL, proto.MYSQL, proto.SMTPS, proto.SMTP,
		proto.XMPPS, proto.FTPS, proto.FTPSD, proto.LDAP, proto.NNTPS, proto.IRCS, proto.DoT, proto.DoQ:
		return false
	}
	return !in.Set.Has(attr.MailSTARTTLS) && !isCast(in)
}

// hasOddALPN says that an offer is not known.
func hasOddALPN(in *Input) bool {
	for v, at := in.Set.Next(attr.TLSALPN, 0); at != 0; v, at = in.Set.Next(attr.TLSALPN, at) {
		if !isKnownALPN(v) {
			return true
		}
	}
	return false
}

func isKnownALPN(v []byte) bool {
	if len(v) == 2 && v[0] == 'h' || len(v) == 8 && string(v) == "http/1.1" {
		return len(v) == 8 || v[1] == '2' || v[1] == '3'
	}
	switch string(v) {
	case "http/0.9", "http/1.0", "http/1.1", "spdy/1", "spdy/2", "spdy/3", "stun.turn", "stun.nat-discovery", "h2", "h2c", "webrtc", "c-webrtc", "ftp", "imap", "pop3",
		"managesieve", "coap", "co", "xmpp-client", "xmpp-server", "acme-tls/1", "mqtt", "dot", "ntske/1", "sunrpc", "h3", "smb", "irc", "nntp", "nnsp", "doq", "sip/2",
		"tds/8.0", "dicom", "postgresql", "radius/1.0", "radius/1.1", "http/3", "mqttv5", "ldap", "moqt-00", "moqt", "redis", "lwm2m",
		"grpc-exp", "apns-security-v2", "apns-security-v3", "apns-pack-v1", "bep/1.0", "bep-relay", "x-amzn-http-ca", "x-amzn-mqtt-ca", "openvpn", "libp2p", "hq", "tls", "npn", "nfs":
		return true
	}
	for _, family := range [...]string{"spdy/", "h2-", "h3-", "hq-", "http/2+quic", "anydesk/", "wq-vvv", "doq-", "dot-", "h3_alias", "h1q-", "siduck", "perf", "smb", "moq-", "roughtime", "ietf!"} {
		if bytes.HasPrefix(v, []byte(family)) {
			return true
		}
	}
	return false
}

// hasPublicNames says that a server's certificate is one of the Web: VPNs and
// remote desktops have authorities of their own.
func hasPublicNames(in *Input) bool {
	c := in.Proto.Category()
	return c != proto.VPN && c != proto.RemoteDesktop
}
