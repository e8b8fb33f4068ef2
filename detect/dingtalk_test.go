package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestDingTalk(t *testing.T) {
	const id = proto.DingTalk
	mustMatch(t, id, id, TCP, 443, cx("10648780 01000100 020002646b 030020 166ddd35"))
	mustNot(t, id, TCP, 443, cx("10648780 01000100 020002646b 030021 166ddd35"))
	mustNot(t, id, TCP, 443, cx("10648780 01000100 020003646b 030020 166ddd35"))
	mustNot(t, id, TCP, 443, cx("10648780 01000200 020002646b 030020 166ddd35"))
	mustNot(t, id, TCP, 443, s("hello"), cx("10648780 01000100 020002646b 030020"))
}
