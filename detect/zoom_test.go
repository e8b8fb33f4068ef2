package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestZoom(t *testing.T) {
	const id = proto.ZOOM
	const token = "00112233445566778899aabbccddeeff"
	mustMatch(t, id, id, UDP, 8801, cx("01 0002"+token+"00000000"), sx("02 0001"+token+"005a0e3e"))
	mustMatch(t, id, id, UDP, 9000, sx("03 00000001 762a8d74 005a0e3e"), cx("05 0f31 00272ec904150100000000000000"), cx("04 00000001 762a8d74 005a0e3e"))
	mustMatch(t, id, id, UDP, 8801, sx("05 0f31 00272ec904150100000000000000"), cx("03 00000001 762a8d74 005a0e3e"), sx("04 00000001 762a8d74 005a0e3e"))
	mustNot(t, id, UDP, 8801, sx("03 00000001 762a8d74 005a0e3e"), cx("04 00000001 762a8d75 005a0e3e"))
	mustNot(t, id, UDP, 8801, cx("01 0002"+token+"00000000"), sx("02 0001"+"00112233445566778899aabbccddeefe"+"005a0e3e"))
	mustNot(t, id, UDP, 8801, cx("03 00000001 762a8d74 005a0e3e"), cx("04 00000001 762a8d74 005a0e3e")) // one side only
}
