package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestSyncthing(t *testing.T) {
	const id = proto.Syncthing
	testProtocol(t, id)
	mustMatch(t, id, id, UDP, 21027, cx("2ea7d90b 0a20"+strings.Repeat("ab", 32)+"1200"))
	mustNot(t, id, UDP, 21027, cx("2ea7d90b 0a21"+strings.Repeat("ab", 32)+"1200"))
	mustMatch(t, id, id, TCP, 22067, cx("9e79bc40 00000003 00000024 00000020"))
	mustNot(t, id, TCP, 22067, cx("9e79bc40 00000103 00000024 00000020"))
	mustMatch(t, id, id, UDP, 21025, cx("9d79bc39 00000020"+strings.Repeat("ab", 32)+"00000000"))
}
