package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestRTMP(t *testing.T) {
	noise := string(unhex(sealedHex(1528)))
	plain := "\x03\x00\x00\x01\x00\x00\x00\x00\x00" + noise
	mustMatch(t, proto.RTMP, proto.RTMP, TCP, 1935, c(plain), s("\x03"))
	mustMatch(t, proto.RTMP, proto.RTMP, TCP, 1935, c("\x03\x00\x00\x00\x00\x09\x00\x7c\x02"+noise), s("\x03\x63\x50\x5f\xdd\x01\x00\x05\x04"))
	// The command's address is cut by the second chunk's header.
	url := "rtmp://a-very-long-name-of-a-host.and-of-its-streams.example.com:1935/live"
	connect := "\x02\x00\x07connect\x00\x3f\xf0\x00\x00\x00\x00\x00\x00\x03\x00\x03app\x02\x00\x04live\x00\x08flashVer\x02\x00\x0bFMLE/3.0 xx" +
		"\x00\x05tcUrl\x02\x00" + string([]byte{byte(len(url))}) + url + "\x00\x00\x09"
	header := "\x03\x00\x00\x00\x00\x00" + string([]byte{byte(len(connect))}) + "\x14\x00\x00\x00\x00"
	res := mustMatch(t, proto.RTMP, proto.RTMP, TCP, 1935, c(plain), s("\x03"), c(plain[1:]+header+connect[:128]+"\xc3"+connect[128:]))
	wantText(t, res, attr.HostName, "a-very-long-name-of-a-host.and-of-its-streams.example.com")
	if res.More {
		t.Error("more is wanted behind the address")
	}
	versioned := "\x03\x00\x00\x01\x00\x80\x00\x07\x02" + noise
	mustMatch(t, proto.RTMP, proto.RTMP, TCP, 1935, c(versioned), s(versioned+"\x00\x00\x01\x00\x00\x00\x01\x01"+noise))
	mustNot(t, proto.RTMP, TCP, 1935, c(versioned), s("\x03\x00\x00\x01\x00\x80\x00\x07\x02"+noise+"\x00\x00\x01\x00\x00\x00\x01\x01"+string(make([]byte, 1528))))
	mustNot(t, proto.RTMP, TCP, 3389, cx("030000130ee00000000000 0100080003000000"), sx("030000130ed000001234000209080002000000"))
}
