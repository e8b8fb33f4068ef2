package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestRDP(t *testing.T) {
	// [MS-RDPBCGR] 4.1.1: request with cookie and negotiation.
	res := mustMatch(t, proto.RDP, proto.RDP, TCP, 13389, cx("0300002c27e00000000000"), c("Cookie: mstshash=eltons\r\n"), cx("0100080000000000"))
	wantText(t, res, attr.RDPCookie, "eltons")
	mustMatch(t, proto.RDP, proto.RDP, TCP, 3389, cx("030000130ee00000000000 0100080003000000"))
	// An old client asks for nothing; the answer tells.
	mustMatch(t, proto.RDP, proto.RDP, TCP, 3389, cx("0300000b06e00000000000"), sx("030000130ed000001234000209080002000000"))
	mustNot(t, proto.RDP, TCP, 102, cx("0300000b06e00000000000"))
	// ISO transport of other protocols names its ends with TSAP parameters.
	mustNot(t, proto.RDP, TCP, 102, cx("0300001611e00000000100c1020100c2020102c0010a"))
	mustNot(t, proto.RDP, TCP, 3389, c("GET / HTTP/1.1\r\n"))
	mustMatch(t, proto.RDP, proto.RDP, UDP, 3389, cx("ffffffff 0400 0001 8a1f0e2c 04d0 04d0 00000000"))
	mustNot(t, proto.RDP, UDP, 3389, cx("ffffffff 0400 0001 8a1f0e2c 14d0 04d0 00000000"))
}

// A broker's routing token is any line of text ([MS-RDPBCGR] 2.2.1.1).
func TestRDPToken(t *testing.T) {
	const id = proto.RDP
	const token, negotiation = "tsv://MS Terminal Services Plugin.1.Farm", "\x01\x00\x08\x00\x0b\x00\x00\x00"
	request := func(text string) said {
		n := byte(6 + len(text))
		return c("\x03\x00\x00" + string([]byte{n + 5, n}) + "\xe0\x00\x00\x00\x00\x00" + text)
	}
	res := mustMatch(t, id, id, TCP, 13389, request(token+"\r\n"+negotiation))
	wantText(t, res, attr.RDPCookie, token)
	mustNot(t, id, TCP, 13389, request(token+"\r\n"))
	mustNot(t, id, TCP, 13389, request(token))
	mustNot(t, id, TCP, 13389, request("\xc1\x02\x01\x00\xc2\x02\x01\x02\r\n"+negotiation)) // parameters of S7comm
}

// A client that asks for no security of its own sends the token alone; then the
// answer proves it.
func TestRDPTokenAlone(t *testing.T) {
	const id = proto.RDP
	confirm := sx("0300000b06d00000123400")
	for _, token := range []string{"tsv://MS Terminal Services Plugin.1.Farm", "mth://localhost/b4fe2b5a", "LB_Token=abc"} {
		n := byte(8 + len(token))
		request := c("\x03\x00\x00" + string([]byte{n + 5, n}) + "\xe0\x00\x00\x00\x00\x00" + token + "\r\n")
		res := mustMatch(t, id, id, TCP, 13389, request, confirm)
		wantText(t, res, attr.RDPCookie, token)
		mustNot(t, id, TCP, 13389, request, s("\x03\x00\x00\x05abcdefgh"))
	}
	mustNot(t, id, TCP, 13389, cx("0300000b06e00000000000"), confirm) // that of any user of ISO's transport
}

// [MS-RDPEPS] 4.1 and 4.2: which of a host's machines is meant stands before the request.
func TestRDPPreconnection(t *testing.T) {
	const id = proto.RDP
	request := cx("030000130ee00000000000 0100080003000000")
	mustMatch(t, id, id, TCP, 2179, cx("10000000 00000000 01000000 eb99c6ee"), request)
	mustMatch(t, id, id, TCP, 2179, cx("1a000000 00000000 02000000 00000000 0400 5400 4500 5300 0000"), request)
	mustNot(t, id, TCP, 2179, cx("1a000000 00000000 02000000 00000000 0500 5400 4500 5300 0000"), request)
	mustNot(t, id, TCP, 2179, cx("10000000 00000000 03000000 eb99c6ee"), request)
	mustNot(t, id, TCP, 2179, cx("10000000 00000000 01000000 eb99c6ee"), c("GET / HTTP/1.1\r\n\r\n"))
}
