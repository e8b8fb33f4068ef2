package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestViberMessages(t *testing.T) {
	const id = proto.Viber
	body := strings.Repeat("a7", 14)
	mustMatch(t, id, id, TCP, 5242, cx("1800 00000000 fcff 0580 0900 0000 0000 0000 00000000 33000000"))
	mustMatch(t, id, id, TCP, 4244, cx("1400 0a000000"+body), cx("2400 0b000000"+body))
	mustMatch(t, id, id, TCP, 4244, cx("1400 0a000000"+body), sx("1400 0e000000"+body), sx("1400 0f000000"))
	mustMatch(t, id, id, TCP, 4000, cx("1400 0a000000"+body), cx("1400 0b000000"+body))
	mustMatch(t, id, id, TCP, 4000, cx("1400 0a000000"+body), cx("1400 0b000000"+body+"1400 0c000000"))
	mustNot(t, id, TCP, 4000, cx("1200 06000000 576df9000100000000 00581b 1a00 07000000 0000"))
	mustNot(t, id, TCP, 4244, cx("1400 0a000000"+body), cx("1400 0c000000"+body))
	mustNot(t, id, TCP, 5242, cx("1800 00000000 fcff 0581 0900 0000 0000 0000 00000000 33000000"))
	mustNot(t, id, TCP, 5242, cx("1800 00000000 fcff 0580 0900 0000 0000 0001 00000000 33000000"))
}

func TestViberCalls(t *testing.T) {
	const id = proto.Viber
	const token = "1122334455667788"
	rest := strings.Repeat("00", 114)
	mustMatch(t, id, id, UDP, 7985, cx("edf6 0100 0500"+token+rest), sx("edf6 0c00 0100"+token+strings.Repeat("00", 62)))
	mustMatch(t, id, id, UDP, 7987, cx("edf6 1900"+token+strings.Repeat("5a", 22)), sx("edf6 1a00"+token+"0011223344556677"))
	mustMatch(t, id, id, UDP, 7985, cx("edf6 0900 0102030405060708"+token), sx("edf6 0b00"), sx("edf6 1a00"+token+"0011223344556677"))
	mustNot(t, id, UDP, 7987, cx("edf6 1900"+token+strings.Repeat("5a", 22)), sx("edf6 1a00 1122334455667789 0011223344556677"))
	mustNot(t, id, UDP, 7987, cx("edf6 1900"+token+strings.Repeat("5a", 22)), sx("edf7 1a00"+token+"0011223344556677"))
}
