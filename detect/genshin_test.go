package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestGenshin(t *testing.T) {
	const id = proto.GenshinImpact
	mustMatch(t, id, id, UDP, 22102, cx("000000ff 00000000 00000000 499602d2 ffffffff"))
	mustMatch(t, id, id, UDP, 22102, sx("00000145 00000f21 0a0b0c0d 499602d2 14514545"))
	mustNot(t, id, UDP, 22102, cx("000000ff 00000000 00000000 499602d2 fffffffe"))
	data := "210f0000 0d0c0b0a 51 00 8000 14000000 00000000 00000000 02000000 4567"
	mustMatch(t, id, id, UDP, 22102, cx(data), sx(strings.Replace(data, " 51 ", " 51 ", 1)))
	mustNot(t, id, UDP, 22102, cx(data))
	mustNot(t, id, UDP, 22102, cx(data), sx(strings.Replace(data, "0d0c", "0e0c", 1)))
	mustNot(t, id, UDP, 22102, cx(data), sx(data+"00"))
}
