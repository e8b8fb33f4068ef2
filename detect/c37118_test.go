package detect

import (
	"encoding/binary"
	"fmt"
	"testing"

	"netifyd/core/proto"
)

func TestC37118(t *testing.T) {
	const id = proto.C37118
	// The command "turn on transmission" of the standard's annex D.4, to stream 7734.
	command := unhex("aa41 0012 1e36 448560 30 0f0bbfd0 0002")
	sealed := fmt.Sprintf("%x", binary.BigEndian.AppendUint16(command, crcCCITT(0xffff, command)))
	mustMatch(t, id, id, TCP, 4712, cx(sealed))
	mustMatch(t, id, id, UDP, 4713, cx(sealed))
	mustMatch(t, id, id, UDP, 9000, sx(sealed))
	mustNot(t, id, UDP, 4713, cx(sealed+"00"))
	mustNot(t, id, TCP, 4712, cx("aa41 0012 1e36 448560 30 0f0bbfd0 0003"+sealed[32:]))
	mustNot(t, id, TCP, 4712, cx("aa61 0012"))
	mustNot(t, id, TCP, 4712, cx("aa40 0012"))
}
