package detect

import (
	"net/netip"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestFTP(t *testing.T) {
	res := mustMatch(t, proto.FTPC, proto.FTPC, TCP, 2121, s("220 (vsFTPd 3.0.5)\r\n"), c("USER anonymous\r\n"))
	wantText(t, res, attr.FTPBanner, "(vsFTPd 3.0.5)")
	mustMatch(t, proto.FTPC, proto.FTPC, TCP, 21, s("220 Welcome\r\n"), c("USER anonymous\r\n"), s("331 go\r\n"), c("PASS x\r\n"))
	mustMatch(t, proto.FTPC, proto.FTPC, TCP, 21, c("EPSV\r\n"), s("229 Entering Extended Passive Mode (|||6446|)\r\n"))
	mustMatch(t, proto.FTPC, proto.FTPS, TCP, 21, s("220 Welcome\r\n"), c("AUTH TLS\r\n"), s("234 ok\r\n"), c(hello))
	mustNot(t, proto.FTPC, TCP, 25, s("220 ftp.example.com ESMTP\r\n"), c("EHLO x\r\n"))
	mustNot(t, proto.FTPC, TCP, 110, s("+OK\r\n"), c("USER x\r\n"))
	mustNot(t, proto.FTPC, TCP, 21, s("220 x\r\n"))
}

// A packet alone, as the engine shows those of a flow that is decided.
func TestFTPFeed(t *testing.T) {
	res := mustMatch(t, proto.FTPC, proto.FTPC, TCP, 21, s("227 Entering Passive Mode (192,0,2,1,19,136)\r\n"))
	if res.Expect.Port != 5000 {
		t.Errorf("port %d", res.Expect.Port)
	}
	mustNot(t, proto.FTPC, TCP, 21, s("227 Entering Passive Mode\r\n"))
}

func TestFTPExpect(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"227 Entering Passive Mode (192,168,1,2,19,136).", "192.168.1.2:5000"},
		{"227 =192,168,1,2,19,136", "192.168.1.2:5000"},
		{"229 Entering Extended Passive Mode (|||6446|)", "0.0.0.0:6446"},
		{"PORT 10,0,0,1,4,1", "10.0.0.1:1025"},
		{"EPRT |1|132.235.1.2|6275|", "132.235.1.2:6275"},
		{"EPRT |2|1080::8:800:200C:417A|5282|", "[1080::8:800:200c:417a]:5282"},
		{"eprt !2!::1!1!", "[::1]:1"},
		{"227 Entering (1,2,3,4,5)", ""},
		{"229 (|||99999|)", ""},
		{"PORT 10,0,0,256,4,1", ""},
		{"230 Logged in", ""},
	} {
		res := new(Result)
		ftpExpect([]byte("200 x\r\n"+c.line+"\r\n"), res)
		got := ""
		if e := res.Expect; e.Port != 0 {
			a := netip.AddrFrom16(e.Addr)
			if !e.V6 {
				a = netip.AddrFrom4([4]byte(e.Addr[:4]))
			}
			got = netip.AddrPortFrom(a, e.Port).String()
			if e.Protocol != proto.FTPD {
				t.Errorf("%s: %v", c.line, e.Protocol)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}
