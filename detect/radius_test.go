package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRADIUS(t *testing.T) {
	testProtocol(t, proto.RADIUS)
	// The Access-Request of RFC 2865, section 7.1.
	request := "01 00 0038 0f403f9473978057bd83d5cb98f4227a 0106 6e656d6f 0212 0dbe708d93d413ce3196e43f782a0aee 0406 c0a80110 0506 00000003"
	mustMatch(t, proto.RADIUS, proto.RADIUS, UDP, 18120, cx(request))
	accept := "02 00 0026 86fe220e7624ba2a1005f6bf9b55e0b2 0606 00000001 0f06 00000000 0e06 c0a80103"
	mustMatch(t, proto.RADIUS, proto.RADIUS, UDP, 1812, cx(request), sx(accept))
	res := mustMatch(t, proto.RADIUS, proto.RADIUS, UDP, 1700, cx("03 00 0014 86fe220e7624ba2a1005f6bf9b55e0b2"))
	if res.Partial {
		t.Error("an answer without attributes is whole")
	}
	if res = mustMatch(t, proto.RADIUS, proto.RADIUS, UDP, 1812, cx("01 00 0019 0f403f9473978057bd83d5cb98f4227a ff07aabbcc")); !res.Partial {
		t.Error("damaged attributes are certain")
	}
	mustNot(t, proto.RADIUS, UDP, 18120, cx("02 00 0014 86fe220e7624ba2a1005f6bf9b55e0b2"))
	mustNot(t, proto.RADIUS, UDP, 18120, cx("01 00 0039"+request[10:]))
	mustNot(t, proto.RADIUS, UDP, 1812, cx("63 00 0014 86fe220e7624ba2a1005f6bf9b55e0b2"))
	odd := "01 00 0039" + request[10:len(request)-2] // a length and an attribute are damaged
	mustNot(t, proto.RADIUS, UDP, 1812, cx(odd))
	mustMatch(t, proto.RADIUS, proto.RADIUS, UDP, 1812, cx(odd), cx(request))
}
