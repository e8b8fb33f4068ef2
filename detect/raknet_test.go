package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestRakNet(t *testing.T) {
	const id = proto.RakNet
	magic := " 00ffff00fefefefefdfdfdfd12345678 "
	mustMatch(t, id, id, UDP, 19132, cx("05"+magic+"0b"+strings.Repeat("00", 100)))
	mustMatch(t, id, id, UDP, 19132, cx("01 0000000000001234"+magic+"1122334455667788"))
	mustMatch(t, id, proto.Minecraft, UDP, 19132, s("\x1c"+strings.Repeat("\x07", 16)+string(unhex(magic))+"\x00\x0dMCPE;Server;6"))
	mustMatch(t, id, id, UDP, 19132, sx("1c"+strings.Repeat("07", 16)+magic+"0000"))
	mustMatch(t, id, id, UDP, 53000, cx("0100 000c 01 02 aabb 02 02 ccdd 7b"+magic+"05"))
	mustNot(t, id, UDP, 53000, cx("0100 000c 01 03 aabb 02 02 ccdd 7b"+magic+"05"))
	mustNot(t, id, UDP, 19132, cx("0505"+magic+"0b"))
	mustNot(t, id, UDP, 19132, cx("05"+strings.Replace(magic, "5678", "5679", 1)+"0b"))
}

func TestRakNetConnected(t *testing.T) {
	const id = proto.RakNet
	first := "84 000100 40 0018 000000 112233"
	second := "84 010100 60 0010 010000 000000 00 4455 00 0008 66"
	mustMatch(t, id, id, UDP, 19132, cx(first), cx(second))
	mustMatch(t, id, id, UDP, 19132, cx(first), sx("c0 0001 01 000100"))
	mustMatch(t, id, id, UDP, 19132, cx(first), sx("c0 0002 00 ff0000 000100 01 030100"))
	mustNot(t, id, UDP, 19132, cx(first))
	mustNot(t, id, UDP, 19132, cx(first), cx(first))
	mustNot(t, id, UDP, 19132, cx(first), sx("c0 0001 01 010100"))
	mustNot(t, id, UDP, 19132, cx(first), sx("c0 0002 01 000100"))
	mustNot(t, id, UDP, 19132, cx(first), cx(second+"00"))
}
