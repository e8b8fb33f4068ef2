package detect

import (
	"encoding/hex"
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestDiscord(t *testing.T) {
	const id = proto.DiscordVoice
	none := strings.Repeat("00", 64)
	mustMatch(t, id, id, UDP, 50004, cx("0001 0046 0000ace3"+none+"0000"))
	mustMatch(t, id, id, UDP, 50004, sx("0002 0046 0000ace3"+hex.EncodeToString([]byte("192.0.2.130"))+none[22:]+"df1c"))
	mustMatch(t, id, id, UDP, 50001, cx("1337cafe 05000000"))
	mustNot(t, id, UDP, 50004, cx("0001 0046 0000ace3"+none[2:]+"010000"))
	mustNot(t, id, UDP, 50004, cx("0001 0047 0000ace3"+none+"0000"))
	mustNot(t, id, UDP, 50001, cx("1337cafe 0500000000"))
	mustMatch(t, id, id, UDP, 50001, sx("81c90007 00162ffd 537109592cf065d572db9ac1"), cx("1337cafe a9010000"))
	mustNot(t, id, UDP, 50001, sx("81c90007 00162ffd 537109592cf065d572db9ac1"))
}
