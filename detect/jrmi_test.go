package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestJRMI(t *testing.T) {
	const id = proto.JRMI
	mustMatch(t, id, id, TCP, 1099, cx("4a524d49 0002 4b"), sx("4e 0009 3132372e302e302e31 00008696"))
	mustMatch(t, id, id, TCP, 11099, cx("4a524d49 0001 4c"))
	mustNot(t, id, TCP, 1099, cx("4a524d49 0003 4b"))
	mustNot(t, id, TCP, 1099, cx("4a524d49 0002 50"))
	mustNot(t, id, TCP, 1099, sx("4e 0009 3132372e302e302e31 00008696"))
}
