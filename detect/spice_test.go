package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSPICE(t *testing.T) {
	const id = proto.SPICE
	testProtocol(t, id)
	mustNot(t, id, TCP, 5900, c("REDQUEEN"))
	mustNot(t, id, TCP, 5900, cx("52454451 03000000 02000000"))
}
