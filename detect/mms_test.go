package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestMMS(t *testing.T) {
	// A CONNECT whose context list names 1.0.9506.2.1.
	connect := "0300002d 02f080 0d24 0506130100160102 1402 0002 c116 31143010020103 0605 28ca220201 3004 06025101"
	confirmed := "0300001c 02f080 01000100 61 13 30 11 020103 a0 0c a0 0a 02 01 01 a4 05 a10381"
	mustMatch(t, proto.MMS, proto.MMS, TCP, 102, cx(cotpRequest), sx(cotpConfirm), cx(connect))
	mustMatch(t, proto.MMS, proto.MMS, TCP, 102, cx(confirmed))
	mustNot(t, proto.MMS, TCP, 102, cx("0300001c 02f080 01000100 61 13 30 11 020101 a0 0c a0 0a 02 01 01 a4 05 a10381"))
	mustNot(t, proto.MMS, TCP, 102, cx("03000019 02f080 32 01 0000 ccc1 0008 0000 f0 00 0001 0001 03c0"))
	mustNot(t, proto.MMS, TCP, 102, cx("0300002d 02f080 0d24 0506130100160102 1402 0002 c116 31143010020103 0605 28ca220301 3004 06025101"))
}
