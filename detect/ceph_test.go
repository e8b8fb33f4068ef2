package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCeph(t *testing.T) {
	const id = proto.Ceph
	mustMatch(t, id, id, TCP, 6789, s("ceph v027"), c("ceph v027"))
	mustMatch(t, id, id, TCP, 3300, c("ceph v2\n\x10\x00"))
	mustNot(t, id, TCP, 6789, s("ceph v9"))
	mustNot(t, id, TCP, 6789, c("cephalopod"))
}
