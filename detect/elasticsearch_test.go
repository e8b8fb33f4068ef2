package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestElasticSearch(t *testing.T) {
	const id = proto.ElasticSearch
	mustMatch(t, id, id, TCP, 9300, cx("4553 00000037 0000000000000001 08 006acfc3 00000000"))
	mustMatch(t, id, id, TCP, 9301, sx("4553 ffffffff"))
	mustNot(t, id, TCP, 9300, cx("4553 00000037 0000000000000001 28 006acfc3"))
	mustNot(t, id, TCP, 9300, cx("4553 00000037 0000000000000001 08 0000cfc3"))
	mustNot(t, id, TCP, 9300, c("ESMTP example.org ready\r\n"))
}
