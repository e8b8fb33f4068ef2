package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestAMQP(t *testing.T) {
	mustMatch(t, proto.AMQP, proto.AMQP, TCP, 5672, c("AMQP\x00\x00\x09\x01"))
	mustMatch(t, proto.AMQP, proto.AMQP, TCP, 5672, c("AMQP\x03\x01\x00\x00"), s("AMQP\x03\x01\x00\x00"))
	mustMatch(t, proto.AMQP, proto.AMQP, TCP, 5672, cx("01 0001 00000005 003c0050 00 ce 02 0001 0000000e 003c0000 0000000000000003 0000 ce"))
	mustNot(t, proto.AMQP, TCP, 5672, cx("01 0001 00000005 003c0050 00 ce 02 0001 0000000e 003c0000 0000000000000003 0000 cf"))
	mustNot(t, proto.AMQP, TCP, 5672, c("AMQP HTTP"))
}
