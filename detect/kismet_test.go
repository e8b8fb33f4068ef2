package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestKismet(t *testing.T) {
	const id = proto.KISMET
	mustMatch(t, id, id, TCP, 2501, s("*KISMET: 0.0.0 1321878225 \x01Kismet\x01"))
	mustNot(t, id, TCP, 2501, s("*KISMAT: 0.0.0"))
	mustNot(t, id, TCP, 2501, c("*KISMET: 0.0.0"))
}
