package detect

import (
	"testing"

	"netifyd/core/proto"
)

func Test9P(t *testing.T) {
	const id = proto.NineP
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 1024, cx("13000000 64 ffff 00200000 0600 395032303030"))
	mustMatch(t, id, id, TCP, 564, sx("13000000 65 ffff 00200000 0600 395032303030"))
	mustNot(t, id, TCP, 564, cx("13000000 64 ffff 00200000 0700 395032303030"))
	mustNot(t, id, TCP, 564, cx("13000000 66 ffff 00200000 0600 395032303030"))
	mustNot(t, id, TCP, 564, cx("13000000 64 ffff 00200000 0600 385032303030"))
}
