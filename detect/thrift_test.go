package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestThrift(t *testing.T) {
	testProtocol(t, proto.Thrift)
	const id = proto.Thrift
	mustMatch(t, id, id, TCP, 9090, cx("80010001 00000004 70696e67 00000001 00"))
	mustMatch(t, id, id, TCP, 11010, cx("00000011 80010001 00000004 70696e67 00000001 00"), sx("00000011 80010002 00000004 70696e67 00000001 00"))
	mustMatch(t, id, id, TCP, 9090, cx("82 21 01 04 70696e67 00"))
	mustMatch(t, id, id, UDP, 6831, cx("82 81 01 09 656d69744261746368 1c 00 00"))
	mustNot(t, id, UDP, 6831, cx("82 81 01 09 656d69744261746368 1c 00 01"))
	mustNot(t, id, TCP, 9090, cx("80010005 00000004 70696e67 00000001 00"))
	mustNot(t, id, TCP, 9090, cx("80010001 00000004 70210067 00000001 00"))
	mustNot(t, id, TCP, 9090, cx("82 22 01 04 70696e67 00"))
	mustNot(t, id, TCP, 9090, cx("00000001 80010001 00000004 70696e67"))
}
