package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestEPGM(t *testing.T) {
	const id = proto.EPGM
	const data = "1d4c 1d4d 04 00 7481 010203040506 0005 00000001 00000001 68656c6c6f"
	const path = "1d4c 1d4d 00 00 fba8 010203040506 0000 00000001 00000001 00000005 0001 0000 c0a80001"
	mustMatch(t, id, id, UDP, 7500, cx(data))
	mustMatch(t, id, id, UDP, 5555, cx(path))
	mustNot(t, id, UDP, 7500, cx("1d4c 1d4d 04 00 7480"+data[20:]))
	mustNot(t, id, UDP, 7500, cx(data+"00"))
	mustNot(t, id, UDP, 7500, cx("1d4c 1d4d 44 00 7481"+data[20:]))
}

// Zeros with a few bytes set may sum up right: neither port is zero.
func TestEPGMOfZeros(t *testing.T) {
	d := make([]byte, 60)
	d[6], d[12] = 0xff, 0xff
	d[7] = 0
	mustNot(t, proto.EPGM, UDP, 20123, said{bytes: d})
}
