package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestDofus(t *testing.T) {
	const id = proto.Dofus
	mustMatch(t, id, id, TCP, 5555, s("HC"+strings.Repeat("qwertyui", 4)+"\x00"))
	mustNot(t, id, TCP, 5555, s("HC"+strings.Repeat("qwertyui", 4)+"a"))
	mustNot(t, id, TCP, 5555, s("HC"+strings.Repeat("qwerty1i", 4)+"\x00"))
}
