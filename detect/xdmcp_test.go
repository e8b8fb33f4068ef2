package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestXDMCP(t *testing.T) {
	mustMatch(t, proto.XDMCP, proto.XDMCP, UDP, 177, cx("0001 0002 0001 00"))
	mustMatch(t, proto.XDMCP, proto.XDMCP, UDP, 177, cx("0001 0005 000a 0000 0002 6869 0002 6f6b"))
	mustNot(t, proto.XDMCP, UDP, 177, cx("0001 0002 0001 01"))
	mustNot(t, proto.XDMCP, UDP, 177, cx("0001 0005 000a 0000 0002 6869 0003 6f6b"))
	mustNot(t, proto.XDMCP, UDP, 177, cx("0001 0002 0002 00"))
}
