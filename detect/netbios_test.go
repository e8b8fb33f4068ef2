package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// netbiosFiles is "FILES" of service 0x20 as RFC 1001, section 14.1, encodes it.
const netbiosFiles = "\x20EGEJEMEFFDCACACACACACACACACACACA\x00"

func TestNetBIOS(t *testing.T) {
	testProtocol(t, proto.NETBIOS)
}

func TestNetBIOSNames(t *testing.T) {
	ask := c("\x84\xff\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00" + netbiosFiles + "\x00\x20\x00\x01")
	wantText(t, mustMatch(t, proto.NETBIOS, proto.NETBIOS, UDP, 1137, ask), attr.HostName, "files")
	datagram := c("\x11\x02\x91\x4d\xc0\x00\x02\x29\x00\x8a\x00\x46\x00\x00" + netbiosFiles + netbiosFiles + "\xffSMB")
	wantText(t, mustMatch(t, proto.NETBIOS, proto.NETBIOS, UDP, 1138, datagram), attr.HostName, "files")
	session := "\x81\x00\x00\x44" + netbiosFiles + netbiosFiles
	wantText(t, mustMatch(t, proto.NETBIOS, proto.NETBIOS, TCP, 139, c(session), s("\x83\x00\x00\x01\x82")), attr.HostName, "files")
	mustMatch(t, proto.NETBIOS, proto.NETBIOS, TCP, 139, c(session), s("\x82\x00\x00\x00"), c("\x00\x00\x00\x2fother bytes"))
	mustNot(t, proto.NETBIOS, TCP, 139, c(session), s("\x82\x00\x00\x00"), c("\x00\x00\x00\x2f\xffSMB\x72"))
	mustNot(t, proto.NETBIOS, TCP, 139, c("\x81\x00\x00\x44\x20EGEJEMEFFDCACACACACACACACACACACZ\x00"))
	mustNot(t, proto.NETBIOS, UDP, 1137, c("\x84\xff\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00"+"\x20EGEJEMEFFDCACACACACACACACACACACZ\x00\x00\x20\x00\x01"))
}

func TestDamagedNetBIOS(t *testing.T) {
	ask := c("\x84\xff\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00\x20EGEJ\x0cEFFDCACACACACACACACACACACA\x00\x00\x20\x00\x01")
	res := mustMatch(t, proto.NETBIOS, proto.NETBIOS, UDP, 137, ask)
	if host := res.Get(attr.HostName); host != nil {
		t.Errorf("a damaged name is told as far as it goes: %q", host)
	}
	mustNot(t, proto.NETBIOS, UDP, 1137, ask)
	filler := c("\x84\xff\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00\x20EGEJEMEFFDCAC\xb6CACACACACACACACACA\x00\x00\x20\x00\x01")
	wantText(t, mustMatch(t, proto.NETBIOS, proto.NETBIOS, UDP, 137, filler), attr.HostName, "files")
}
