package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSteam(t *testing.T) {
	const id = proto.Steam
	mustMatch(t, id, id, TCP, 27017, sx("2c000000 56543031 17050080"))
	mustNot(t, id, TCP, 27017, sx("2c000000 56543032"))
	mustNot(t, id, TCP, 27017, sx("2c002c00 56543031"))
	mustMatch(t, id, id, UDP, 27036, cx("ffffffff 214c5fa0 06000000 08fcd3f1e3b7 02000000 0801"))
	mustNot(t, id, UDP, 27036, cx("ffffffff 214c5fa0 16000000 08fcd3f1e3b7 02000000 0801"))
	manager := "56533031 0000 01 04 00000000 00020000 01000000 00000000 00000000 00000000 00000000"
	mustMatch(t, id, id, UDP, 27017, cx(manager))
	mustNot(t, id, UDP, 27017, cx(manager+"00"))
}

func TestSteamDatagramRelay(t *testing.T) {
	const id = proto.SteamDatagramRelay
	mustMatch(t, id, id, UDP, 27045, c("\x01\x81sdping~\xbeb~\xc7(\x88\x17"))
	mustNot(t, id, UDP, 27045, c("\x01\x81sdpong~\xbeb~\xc7(\x88\x17"))
}
