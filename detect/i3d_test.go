package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestI3D(t *testing.T) {
	const hello = "617263 00 01 000000"
	mustMatch(t, proto.I3D, proto.I3D, TCP, 19001, cx(hello))
	mustMatch(t, proto.I3D, proto.I3D, TCP, 19001, sx(hello))
	mustNot(t, proto.I3D, TCP, 19001, cx("617263 00 02 000000"))
	mustNot(t, proto.I3D, TCP, 19001, cx("617263 00 01 000001"))
	mustNot(t, proto.I3D, TCP, 19001, c("arc hello"))
}
