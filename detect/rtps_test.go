package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRTPS(t *testing.T) {
	testProtocol(t, proto.RTPS)
	const id = proto.RTPS
	mustMatch(t, id, id, UDP, 7400, cx("52545053 0201 0103 010f45d2b3f558b901000000 0901 0800 00000000 00000000"))
	mustMatch(t, id, id, TCP, 7400, cx("52545053 0201 0103 010f45d2b3f558b901000000 0901 0800 00000000 00000000"))
	mustNot(t, id, UDP, 7400, cx("52545053 0301 0103 010f45d2b3f558b901000000 0901 0800"))
	mustMatch(t, id, id, UDP, 7410, cx("52545053 0201 0101 4e44445350494e47"))
	mustNot(t, id, UDP, 7400, cx("52545053 0201 0103"))
	mustNot(t, id, UDP, 7400, c("RTSP/1.0 200 OK\r\nCSeq: 1\r\n"))
}
