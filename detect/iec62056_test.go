package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestIEC62056(t *testing.T) {
	const id = proto.IEC62056
	// AARQ of the example in the DLMS UA Green Book, logical names without security.
	request := "0001 0010 0001 001f 60 1d a1 09 0607 60857405080101 be 10 04 0e 01 00 00 00 06 5f 1f 04 00 00 7e 1f 04 b0"
	get, answer := "0001 0010 0001 000d c0 01 81 0008 0000010000ff 02 00", "0001 0001 0010 0006 c4 01 81 00 11 05"
	mustMatch(t, id, id, TCP, 4059, cx(request))
	mustMatch(t, id, id, UDP, 40590, cx(request))
	mustMatch(t, id, id, TCP, 40590, cx(get), sx(answer))
	mustMatch(t, id, id, UDP, 4059, cx(get))
	mustNot(t, id, TCP, 40590, cx(get))
	mustNot(t, id, TCP, 4059, cx("0002 0010 0001 000d c0 01 81 0008 0000010000ff 02 00"))
	mustNot(t, id, UDP, 4059, cx(get+"00"))
	mustNot(t, id, TCP, 4059, cx("0001 0010 0001 001f 60 1d a1 09 0607 60857405080201 be 10 04 0e 01 00 00 00 06 5f 1f 04 00 00 7e 1f 04 b0"))
	// SNRM and its answer of the Green Book's example.
	mustMatch(t, id, id, TCP, 4059, cx("7e a0 0a 00 02 00 23 21 93 18 71 7e"))
	mustNot(t, id, TCP, 4059, cx("7e a0 0a 00 02 00 23 21 94 18 71 7e"))
	mustMatch(t, id, id, TCP, 8000, c("/?!\r\n"), s("/LGZ5ZMD1204207.B14\r\n"))
	mustNot(t, id, TCP, 8000, c("/?!\r\n"), s("/12345\r\n"))
	mustNot(t, id, TCP, 8000, c("/?\r\n"), s("/LGZ5ZMD\r\n"))
}
