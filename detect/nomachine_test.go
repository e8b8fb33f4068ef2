package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestNoMachine(t *testing.T) {
	const id = proto.NoMachine
	mustMatch(t, id, id, TCP, 4000, c("NXSH-8.10.1\n"), s("NXD-8.10.1\n"))
	mustMatch(t, id, id, UDP, 4000, cx("0100 0100 0a00 0000 0000"), cx("0100 0100 0a00 0100 0000"), sx("0200 0100 0a00 0000 0000"))
	mustNot(t, id, TCP, 4000, c("NXSH-x"))
	mustNot(t, id, TCP, 4000, c("NXSHELL"))
	mustNot(t, id, UDP, 4000, cx("0100 0100 0a00 0000 0000"), sx("0200 0100 0a00 0100 0000"))
	mustNot(t, id, UDP, 4000, cx("0100 0100 0b00 0000 0000"), sx("0200 0100 0b00 0000 0000"))
}
