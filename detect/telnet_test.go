package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTelnet(t *testing.T) {
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 2323, sx("fffd18 fffd20 fffd23 fffd27"))
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 23, sx("fffd18"), cx("fffb18"), sx("fffa1801fff0"))
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 23, cx("fffd03 fffb18 fffb1f"), s("login: "))
	mustNot(t, proto.Telnet, TCP, 23, sx("fffd18 fffd20"))
	mustNot(t, proto.Telnet, TCP, 23, sx("ffd8ffe000104a464946"))
	mustNot(t, proto.Telnet, TCP, 23, s("login: "))
}

// One option that one side offers and the other accepts is enough, at any port.
func TestTelnetOneOption(t *testing.T) {
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 2323, s("\xff\xfb\x01"), c("\xff\xfd\x01"), s("Username: "))
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 2323, s("\xff\xfd\x18"), c("\xff\xfc\x18"))
	mustNot(t, proto.Telnet, TCP, 23, s("\xff\xfb\x01"), c("hello\r\n"))
	for _, x := range [][2]string{{"\xff\xfb\x01", "\xff\xfd\x03"}, {"\xff\xfb\x01", "\xff\xfb\x01"}} {
		if v, _ := talk(t, proto.Telnet, TCP, 2323, s(x[0]), c(x[1])); v == Match {
			t.Errorf("%x answered by %x is Telnet", x[0], x[1])
		}
	}
}

// One command is enough where somebody is asked to log in behind it.
func TestTelnetPrompt(t *testing.T) {
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 2323, s("\xff\xfb\x01\r\nUser Access Verification\r\n\r\nUsername: "))
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 2323, s("\xff\xfd\x18router login: "), c("root\r\n"))
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 2323, s("\xff\xfe\x01Password: "))
	mustNot(t, proto.Telnet, TCP, 2323, s("\xff\xfd\x18hello"), c("root\r\n"))
	mustNot(t, proto.Telnet, TCP, 2323, s("\xff\xf1\x18login:"))
}

// Some servers say something before they negotiate; that is waited for at Telnet's ports.
func TestTelnetBanner(t *testing.T) {
	for _, port := range []uint16{23, 2323} {
		mustMatch(t, proto.Telnet, proto.Telnet, TCP, port, s("\r\nWelcome\r\n\xff\xfb\x01"), c("\xff\xfd\x01"))
		mustNot(t, proto.Telnet, TCP, port, s("\r\nWelcome\x01\xff\xfb\x01"), c("\xff\xfd\x01"))
	}
	mustNot(t, proto.Telnet, TCP, 5023, s("\r\nWelcome\r\n\xff\xfb\x01"), c("\xff\xfd\x01"))
}
