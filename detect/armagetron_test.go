package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestArmagetron(t *testing.T) {
	const id = proto.Armagetron
	a, b := "0006 0001 0002 00010002 0000", "0005 0001 0001 0001 0001 0002 0000 0000"
	mustMatch(t, id, id, UDP, 4534, cx(a), sx(b))
	mustNot(t, id, UDP, 4534, cx(a))
	mustNot(t, id, UDP, 5534, cx(a), sx(b))
	mustNot(t, id, UDP, 4534, cx(a), sx(strings.Replace(b, "0001 0001 0001", "0001 0002 0001", 1)))
}
