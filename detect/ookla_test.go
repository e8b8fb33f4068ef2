package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestOokla(t *testing.T) {
	const id = proto.OOKLA
	mustMatch(t, id, id, TCP, 8080, c("HI\n"), s("HELLO 2.4 2016-10-06.1324.996ab91\n"))
	mustMatch(t, id, id, TCP, 8080, c("HI 8e17cb65-c63e-4b39-adcc-97006a1e4537\n"), s("HELLO 2.9 (2.9.9) 2022-11-30\n"))
	mustNot(t, id, TCP, 8080, c("HI\n"))
	mustNot(t, id, TCP, 8080, c("HI\n"), s("HELLO you\n"))
	mustNot(t, id, TCP, 8080, c("HIT\n"), s("HELLO 2.4\n"))
}
