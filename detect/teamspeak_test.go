package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTeamSpeak(t *testing.T) {
	const id = proto.TeamSpeak
	mustMatch(t, id, id, UDP, 9987, c("TS3INIT1\x00\x65\x00\x00\x88\x0e\x5d\x6c\x98"))
	mustMatch(t, id, id, UDP, 9987, s("TS3INIT1\x00\x65\x88\x01\x5d\x6c\x98"))
	mustMatch(t, id, id, TCP, 10011, s("TS3\n\rWelcome to the TeamSpeak 3 ServerQuery interface"))
	mustNot(t, id, UDP, 9987, c("TS3INIT1\x00\x66\x00\x00\x88"))
	mustNot(t, id, TCP, 10011, s("TS3\n\rWelcome to nothing at all, and be gone"))
}

// A connection that was joined midway: pings and their answers, voice that is not encrypted.
func TestTeamSpeakMidway(t *testing.T) {
	const id = proto.TeamSpeak
	const mac, other = "a37c19e04b5df286", "5e0197c4b32a6df8"
	for _, port := range []uint16{9987, 40987} {
		mustMatch(t, id, id, UDP, port, cx(mac+"0102 0007 84"), sx(mac+"0533 85 0102"))
		mustMatch(t, id, id, UDP, port, sx(mac+"0102 84"), cx(other+"0533 0007 85 0102"))
		mustMatch(t, id, id, UDP, port, cx(mac+"0102 0007 80 0001 04"+sealedHex(60)), cx(mac+"0103 0007 80 0002 04"+sealedHex(61)))
		mustMatch(t, id, id, UDP, port, sx(mac+"0102 80 0001 0009 04"+sealedHex(60)), cx(mac+"0002 0007 80 0002 04"+sealedHex(50)), sx(mac+"0104 80 0003 0009 04"+sealedHex(61)))
		mustNot(t, id, UDP, port, cx(mac+"0102 0007 84"), sx(mac+"0533 85 0103"))
		mustNot(t, id, UDP, port, cx(mac+"0102 0007 84"), cx(mac+"0533 0007 85 0102"))
		mustNot(t, id, UDP, port, cx(mac+"0102 0007 80 0001 04"+sealedHex(60)), cx(other+"0103 0007 80 0002 04"+sealedHex(61)))
		mustNot(t, id, UDP, port, cx(mac+"0102 0007 80 0001 04"+sealedHex(60)), cx(mac+"0102 0007 80 0001 04"+sealedHex(60)))
		mustNot(t, id, UDP, port, cx("0000000000000000"+"0102 0007 84"), sx("0000000000000000"+"0533 85 0102"))
	}
}

func TestTeamSpeak2(t *testing.T) {
	const id = proto.TeamSpeak
	mustMatch(t, id, id, UDP, 8767, cx("f4be0300 00000000 00000000 01000000 a1b2c3d4"+sealedHex(160)))
	mustMatch(t, id, id, UDP, 40001, sx("f4be0400 00000000 11223344 01000000 a1b2c3d4"+sealedHex(416)))
	mustNot(t, id, UDP, 8767, cx("f4be0300 00000001 00000000 01000000 a1b2c3d4"+sealedHex(160)))
	mustNot(t, id, UDP, 8767, cx("f4be0300 00000000 00000000 01000000 a1b2c3d4"+sealedHex(60)))
}
