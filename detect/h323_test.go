package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestH323(t *testing.T) {
	mustMatch(t, proto.H323, proto.H323, TCP, 1720, cx("03000071 08 02 0001 05 04038890a5"))
	mustMatch(t, proto.H323, proto.H323, TCP, 1232, cx("0300001c 02300106 0008817500 0500800b"))
	mustNot(t, proto.H323, TCP, 1232, cx("0300001c 02300106 0008817600 0500800b"))
	mustNot(t, proto.H323, TCP, 1720, cx("03000071 08 02 0001 55 04038890a5"))
	mustNot(t, proto.H323, TCP, 102, cx("0300001611e00000000100c1020100"))
	mustMatch(t, proto.H323, proto.H323, UDP, 1719, cx("0e000a0600 08914a0004800000"), cx("0e00 0a 06 0008914a0004 01c0a80001"))
	mustNot(t, proto.H323, UDP, 1719, cx("0e00 0a 06 0008914b0004 01c0a80001"))
}
