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
