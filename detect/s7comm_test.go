package detect

import (
	"testing"

	"netifyd/core/proto"
)

const (
	cotpRequest = "03000016 11e0 0000 0001 00 c0010a c1020100 c2020102"
	cotpConfirm = "03000016 11d0 0001 0002 00 c0010a c1020100 c2020102"
)

func TestS7comm(t *testing.T) {
	setup := "03000019 02f080 32 01 0000 ccc1 0008 0000 f0 00 0001 0001 03c0"
	answer := "0300001b 02f080 32 03 0000 ccc1 0008 0000 0000 f0 00 0001 0001 00f0"
	mustMatch(t, proto.S7comm, proto.S7comm, TCP, 102, cx(cotpRequest), sx(cotpConfirm), cx(setup), sx(answer))
	mustMatch(t, proto.S7comm, proto.S7comm, TCP, 1102, sx(cotpConfirm), sx(answer))
	mustMatch(t, proto.S7comm, proto.S7comm, TCP, 102, cx(setup))
	mustNot(t, proto.S7comm, TCP, 102, cx(cotpRequest), sx(cotpConfirm))
	mustNot(t, proto.S7comm, TCP, 102, cx("03000019 02f080 32 01 0000 ccc1 0009 0000 f0 00 0001 0001 03c0"))
	mustNot(t, proto.S7comm, TCP, 102, cx("03000019 02f080 32 01 0100 ccc1 0008 0000 f0 00 0001 0001 03c0"))
}

func TestS7CommPlus(t *testing.T) {
	message := "03000017 02f080 72 01 0008 31 00 00 04ca 00 0000 72 01 0000"
	mustMatch(t, proto.S7CommPlus, proto.S7CommPlus, TCP, 102, cx(cotpRequest), sx(cotpConfirm), cx(message))
	mustNot(t, proto.S7CommPlus, TCP, 102, cx("03000017 02f080 72 01 0009 31 00 00 04ca 00 0000 72 01 0000"))
	mustNot(t, proto.S7CommPlus, TCP, 102, cx("03000017 02f080 72 09 0008 31 00 00 04ca 00 0000 72 01 0000"))
	mustNot(t, proto.S7comm, TCP, 102, cx(message))
}
