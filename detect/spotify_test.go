package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSpotify(t *testing.T) {
	const id = proto.Spotify
	mustMatch(t, id, id, UDP, 57621, cx("53706f7455647030 1122334455667788 00010004 4895c203"))
	mustMatch(t, id, id, TCP, 4070, cx("0004 000000a5 520e 5000 6002 7080a4"))
	mustNot(t, id, UDP, 57621, c("SpotUdp"))
	mustNot(t, id, TCP, 4070, cx("0004 000100a5 520e 5000"))
	mustNot(t, id, TCP, 4070, cx("0004 000000a5 520e 6000"))
}
