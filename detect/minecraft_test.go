package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestMinecraft(t *testing.T) {
	const id = proto.Minecraft
	res := mustMatch(t, id, id, TCP, 25565, c("\x15\x00\xff\x05\x0eMc.example.org\x63\xdd\x01"), c("\x01\x00"))
	wantText(t, res, attr.HostName, "mc.example.org")
	mustMatch(t, id, id, TCP, 25565, c("\xfe\x01\xfa\x00\x0b\x00M\x00C\x00|\x00P\x00i\x00n\x00g\x00H\x00o\x00s\x00t\x00\x19\x4a"))
	mustNot(t, id, TCP, 25565, c("\x15\x00\xff\x05\x0emc.example.org\x63\xdd\x04"))
	mustNot(t, id, TCP, 25565, c("\x15\x00\xff\x05\x0fmc.example.org\x63\xdd\x01"))
	mustNot(t, id, TCP, 25565, c("\x15\x01\xff\x05\x0emc.example.org\x63\xdd\x01"))
	mustNot(t, id, TCP, 25565, c("\x15\x00\xff\x05\x0emc\x01example.org\x63\xdd\x01"))
	mustNot(t, id, TCP, 25565, c("\xff\xff\xff\xff\xff\xff"))
}
