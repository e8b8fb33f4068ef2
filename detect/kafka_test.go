package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestKafka(t *testing.T) {
	request := cx("00000015 0012 0000 00000001 000a 72646b61666b61303030")
	whole := cx("00000014 0012 0000 00000001 000a 72646b61666b61303030")
	mustMatch(t, proto.Kafka, proto.Kafka, TCP, 9092, whole)
	mustMatch(t, proto.Kafka, proto.Kafka, TCP, 9092, request, sx("00000050 00000001 0000"))
	mustNot(t, proto.Kafka, TCP, 9092, request)
	mustNot(t, proto.Kafka, TCP, 9092, request, sx("00000050 00000002 0000"))
	mustNot(t, proto.Kafka, TCP, 9092, cx("00000014 0112 0000 00000001 000a 72646b61666b61303030"), sx("00000050 00000001 0000"))
}
