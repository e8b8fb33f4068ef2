package detect

import (
	"bytes"
	"testing"

	"netifyd/core/proto"
)

func TestRTMP(t *testing.T) {
	noise := string(bytes.Repeat([]byte{0x17, 0x2a, 0x99, 0x04}, 1528/4))
	plain := "\x03\x00\x00\x01\x00\x00\x00\x00\x00" + noise
	mustMatch(t, proto.RTMP, proto.RTMP, TCP, 1935, c(plain), s("\x03"))
	mustMatch(t, proto.RTMP, proto.RTMP, TCP, 1935, c("\x03\x00\x00\x00\x00\x09\x00\x7c\x02"+noise), s("\x03\x63\x50\x5f\xdd\x01\x00\x05\x04"))
	versioned := "\x03\x00\x00\x01\x00\x80\x00\x07\x02" + noise
	mustMatch(t, proto.RTMP, proto.RTMP, TCP, 1935, c(versioned), s(versioned+"\x00\x00\x01\x00\x00\x00\x01\x01"+noise))
	mustNot(t, proto.RTMP, TCP, 1935, c(versioned), s("\x03\x00\x00\x01\x00\x80\x00\x07\x02"+noise+"\x00\x00\x01\x00\x00\x00\x01\x01"+string(make([]byte, 1528))))
	mustNot(t, proto.RTMP, TCP, 3389, cx("030000130ee00000000000 0100080003000000"), sx("030000130ed000001234000209080002000000"))
}
