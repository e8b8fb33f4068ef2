package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestXiaomi(t *testing.T) {
	const id = proto.Xiaomi
	mustMatch(t, id, id, TCP, 5222, cx("c2fe0005 00000036 0002 0016 00000018"))
	mustMatch(t, id, id, TCP, 443, sx("c2fe0005 00000000 01020304"))
	mustNot(t, id, TCP, 5222, cx("c2fe0006 00000036 0002"))
	mustNot(t, id, TCP, 5222, cx("c2fe0005 10000036 0002"))
	hello := "2131 0020" + strings.Repeat("ff", 28)
	mustMatch(t, id, id, UDP, 54321, cx(hello))
	mustMatch(t, id, id, UDP, 54321, sx("2131 0030 00000000 11223344 00000055"+strings.Repeat("ab", 32)))
	mustNot(t, id, UDP, 54321, cx(hello+"ff"))
	mustNot(t, id, UDP, 54321, cx("2131 0020 00000001 11223344 00000055"+strings.Repeat("ab", 16)))
}
