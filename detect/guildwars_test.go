package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestGuildwars(t *testing.T) {
	const id = proto.Guildwars
	hello := "0004 0000 92940000 01000000 04000000 0042" + strings.Repeat("5d", 64)
	mustMatch(t, id, id, TCP, 6112, cx(hello), sx("0116"+strings.Repeat("7e", 20)))
	mustNot(t, id, TCP, 6112, cx(hello))
	mustNot(t, id, TCP, 6112, cx(hello), sx("0117"+strings.Repeat("7e", 20)))
	mustNot(t, id, TCP, 6112, cx(hello+"00"), sx("0116"+strings.Repeat("7e", 20)))
}
