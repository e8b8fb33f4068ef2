package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRMCP(t *testing.T) {
	const id = proto.RMCP
	testProtocol(t, id)
	mustMatch(t, id, id, UDP, 623, cx("0600ff07 00 00000000 00000000 09 2018c881 00 38 8e 04 b5"))
	mustMatch(t, id, id, UDP, 623, cx("0600ff06 000011be 80 00 00 00"))                                            // presence ping
	mustMatch(t, id, id, UDP, 623, cx("0600ff07 06 10 00000000 00000000 0800 0000000001020304"))                   // open session
	mustNot(t, id, UDP, 623, cx("0600ff07 00 00000000 00000000 09 2018c881 00 38 8e 04 b6"))                       // sum
	mustNot(t, id, UDP, 623, cx("0600ff07 00 00000000 00000000 0a 2018c881 00 38 8e 04 b5"))                       // length
	mustNot(t, id, UDP, 623, cx("0600ff07 06 10 00000001 00000000 0800 0000000001020304"), cx("0600ff06000011bf")) // session of none
	mustNot(t, id, UDP, 623, cx("0600ff86"))
}
