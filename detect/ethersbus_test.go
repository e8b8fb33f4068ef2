package detect

import (
	"encoding/binary"
	"fmt"
	"testing"

	"netifyd/core/proto"
)

func TestEtherSBus(t *testing.T) {
	const id = proto.EtherSBus
	seal := func(digits string) string {
		b := unhex(digits)
		return fmt.Sprintf("%x", binary.BigEndian.AppendUint16(b, crcCCITT(0, b)))
	}
	request := seal("0000000d 01 00 0001 00 0a 20")
	mustMatch(t, id, id, UDP, 5050, cx(request))
	mustMatch(t, id, id, UDP, 5051, sx(seal("00000011 00 00 0001 01 44324d343830")))
	mustNot(t, id, UDP, 5050, cx(seal("0000000e 01 00 0001 00 0a 20")))
	mustNot(t, id, UDP, 5050, cx(seal("0000000d 01 00 0001 07 0a 20")))
	mustNot(t, id, UDP, 5050, cx(request[:24]+"00"))
}
