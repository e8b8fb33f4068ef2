package detect

import (
	"fmt"
	"strings"
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

// Media between two clients, without a relay's header, and media of a relay that was joined midway.
func TestZoomMedia(t *testing.T) {
	const id = proto.ZOOM
	media := func(kind byte, head, seq int) string {
		return fmt.Sprintf("%02x", kind) + sealedHex(head-1) + rtpPacket(98, seq, 9000+seq*960, 0x01000c02)
	}
	for kind, head := range map[byte]int{13: 27, 15: 19, 16: 24} {
		for _, relay := range []string{"", "0501020304050600"} {
			at := func(seq int) string { return relay + media(kind, head, seq) }
			mustMatch(t, id, id, UDP, 40700, cx(at(1)), sx(relay+media(15, 19, 70)), cx(at(2)), cx(at(3)))
			mustMatch(t, id, id, UDP, 40700, sx(at(1)), sx(at(2)), sx(relay+"21"+sealedHex(15)+"80c80006 01000c02"+strings.Repeat("00", 20)), sx(at(4)))
			mustNot(t, id, UDP, 40700, cx(at(1)), cx(at(2)))
			mustNot(t, id, UDP, 40700, cx(at(1)), cx(at(1)), cx(at(1)))
			mustNot(t, id, UDP, 40700, cx(at(1)), cx(at(500)), cx(at(1200)), cx(at(4000)))
			mustNot(t, id, UDP, 40700, cx(relay+media(kind, head+1, 1)), cx(relay+media(kind, head+1, 2)), cx(relay+media(kind, head+1, 3)))
		}
	}
}
