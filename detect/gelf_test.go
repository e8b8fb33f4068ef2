package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestGELF(t *testing.T) {
	const id = proto.GELF
	testProtocol(t, id)
	const message = `{"version":"1.1","host":"Web1.example.org","short_message":"A short message","level":5,"_user_id":9001}`
	res := mustMatch(t, id, id, UDP, 12201, c(message))
	wantText(t, res, attr.HostName, "web1.example.org")
	mustMatch(t, id, id, TCP, 5555, c(message+"\x00"))
	mustMatch(t, id, id, TCP, 12201, c(`{ "short_message" : "x", "host" : "a" }`))
	mustMatch(t, id, id, UDP, 12201, cx("1e0f 0102030405060708 00 02 1f8b08"))
	mustMatch(t, id, id, UDP, 9999, cx("1e0f 0102030405060708 00 02 1f8b08"), cx("1e0f 0102030405060708 01 02 1f8b08"))
	mustMatch(t, id, id, UDP, 12201, cx("1f8b0800 00000000 00ff 4dcb"))
	deflated := cx("789c 4dcb0102030405060708")
	mustMatch(t, id, id, UDP, 12201, deflated, deflated, deflated)

	mustNot(t, id, UDP, 12201, deflated, deflated)
	mustNot(t, id, UDP, 9999, cx("1f8b0800 00000000 00ff 4dcb"))
	mustNot(t, id, UDP, 9999, cx("1e0f 0102030405060708 00 02 1f8b08"))
	mustNot(t, id, UDP, 12201, cx("1e0f 0102030405060708 02 02 1f8b08"))
	mustNot(t, id, UDP, 12201, c(`{"host":"a","message":"b"}`))
	mustNot(t, id, TCP, 12201, c("{\"host\":\"a\",\"message\":\"b\"}\x00"))
}
