package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRSH(t *testing.T) {
	mustMatch(t, proto.RSH, proto.RSH, TCP, 514, c("1022\x00"), s("\x00"), c("alice\x00root\x00uname -a\x00"))
	mustMatch(t, proto.RSH, proto.RSH, TCP, 513, c("\x00alice\x00alice\x00xterm/38400\x00"))
	mustNot(t, proto.RSH, TCP, 513, c("\x00alice\x00alice\x00xterm\x00"))
	mustNot(t, proto.RSH, TCP, 514, c("1022\x00al ice\x00root\x00uname\x00"))
	mustNot(t, proto.RSH, TCP, 514, c("<13>1 2024-01-01T00:00:00Z host app - - - text\n"))
	mustNot(t, proto.RSH, TCP, 514, c("1022\x00alice\x00root\x00uname"))
}
