package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestNestLog(t *testing.T) {
	const id = proto.NestLog
	const head = "1102 0013 08030000"
	const device, service = "1122330000 30b418", "04000000 0230b418"
	mustMatch(t, id, id, TCP, 11095, cx(head+device+service+"110a"))
	mustMatch(t, id, id, TCP, 443, sx(head+service+device))
	mustNot(t, id, TCP, 11095, cx(head+device+device))
	mustNot(t, id, TCP, 11095, cx("1102 0023 08030000"+device+service))
	mustNot(t, id, TCP, 11095, cx("1500 0013 08030000"+device+service))
}
