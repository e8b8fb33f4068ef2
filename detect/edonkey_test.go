package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestEDonkey(t *testing.T) {
	const id = proto.EDonkey
	hash := "1b42cd5b940ed779c20ab755fe256f97"
	tags := "7d4967e3 8a4d 02000000 02 0100 01 0400 6e616d65 03 0100 11 3c000000"
	mustMatch(t, id, id, TCP, 4662, cx("e3 2e000000 01 10"+hash+tags))
	mustMatch(t, id, id, TCP, 4662, sx("e3 2d000000 4c"+hash+tags))
	mustMatch(t, id, id, TCP, 4661, cx("e3 2d000000 01"+hash+tags))
	mustNot(t, id, TCP, 4662, cx("e3 2d000000 4d"+hash+tags))
	mustNot(t, id, TCP, 4662, cx("e3 2d000000 4c"+hash+strings.Replace(tags, "02000000", "00020000", 1)))
	mustNot(t, id, TCP, 4662, cx("e3 05000000 4c"+hash+tags))
}

func TestEDonkeyUDP(t *testing.T) {
	const id = proto.EDonkey
	mustMatch(t, id, id, UDP, 4665, cx("e396 0011aa55"), sx("e397 0011aa55 00100000 00200000"))
	mustNot(t, id, UDP, 4665, cx("e396 0011aa55"))
	mustNot(t, id, UDP, 4665, cx("e396 0011aa55"), sx("e397 0011aa56 00100000 00200000"))
	target, me := strings.Repeat("c4", 16), strings.Repeat("19", 16)
	mustMatch(t, id, id, UDP, 4672, cx("e421 0b"+target+me), sx("e429"+target+"01"+strings.Repeat("22", 25)))
	mustMatch(t, id, id, UDP, 4672, cx("e421 0b"+target+me))
	mustNot(t, id, UDP, 4672, cx("e421 0c"+target+me), sx("e429"+target+"01"+strings.Repeat("22", 25)))
	mustNot(t, id, UDP, 4672, sx("e429"+target+"01"+strings.Repeat("22", 25)))
	mustMatch(t, id, id, UDP, 4672, cx("e411"+me+"3612 09 00"), sx("e419"+target+"3612 08 01 890101 fc 3612"))
	mustNot(t, id, UDP, 4672, cx("e411"+me+"3612 09 00"), sx("e419"+target+"3612 18 01 890101 fc 3612"))
}
