package detect

import (
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
	mustMatch(t, proto.FTPC, proto.FTPC, TCP, 2121, c("TYPE I\r\n"), s("200 Type set to I\r\n")) // joined midway
	mustMatch(t, proto.FTPC, proto.FTPC, TCP, 2121, c("PA"), c("SV\r\n"), s("227 Entering Passive Mode (192,0,2,1,19,136)\r"), s("\n"))
	mustNot(t, proto.FTPC, TCP, 2121, c("list\ti\tz\r\n"), s("200 his\r\n"))
	mustNot(t, proto.FTPC, TCP, 2121, c("list\r\n"), s("200\n283\n"))
	mustNot(t, proto.FTPC, TCP, 2121, c("list on 1 2 for that type null -1 get "), s("200 his he -1 v\x00"))
	mustNot(t, proto.FTPC, TCP, 25, s("220 ftp.example.com ESMTP\r\n"), c("EHLO x\r\n"))
	mustNot(t, proto.FTPC, TCP, 110, s("+OK\r\n"), c("USER x\r\n"))
	mustNot(t, proto.FTPC, TCP, 21, s("220 x\r\n"))
}

// A packet alone, as the engine shows those of a flow that is decided.
func TestFTPFeed(t *testing.T) {
	res := new(Result)
	in := Input{Over: TCP, IPProtocol: 6, ServerPort: 21, ClientPort: 40000, FromServer: true, ToClient: []byte("227 Entering Passive Mode (192,0,2,1,19,136)\r\n")}
	if v := Again(&in, Card(proto.FTPC), res, nil); v != Match || res.Expect.Port != 5000 {
		t.Errorf("verdict %d, port %d", v, res.Expect.Port)
	}
}

// TestFTPAnnouncementIsNoProof: any text may have such a line.
func TestFTPAnnouncementIsNoProof(t *testing.T) {
	mustNot(t, proto.FTPC, TCP, 21, s("227 Entering Passive Mode (192,0,2,1,19,136)\r\n"))
	for _, text := range []string{"POST /x HTTP/1.1\r\nHost: a.example.org\r\n\r\nPORT 10,0,0,1,4,1\r\n", "PUT 1\r\nPORT 10,0,0,1,4,1\r\n", "PORTS\r\nEPRT |1|192.0.2.1|80|\r\n"} {
		v, res := talk(t, proto.FTPC, TCP, 8081, c(text))
		if v == Match || res.Expect.Port != 0 {
			t.Errorf("%q: verdict %d, announces %d", text, v, res.Expect.Port)
		}
	}
}

func TestFTPExpect(t *testing.T) {
	for _, c := range []struct {
		line       string
		fromServer bool
		want       uint16
	}{
		{"227 Entering Passive Mode (192,168,1,2,19,136).", true, 5000},
		{"227 =192,168,1,2,19,136", true, 5000},
		{"229 Entering Extended Passive Mode (|||6446|)", true, 6446},
		{"PORT 10,0,0,1,4,1", false, 1025},
		{"EPRT |1|132.235.1.2|6275|", false, 6275},
		{"EPRT |2|1080::8:800:200C:417A|5282|", false, 5282},
		{"eprt !2!::1!1!", false, 1},
		{"PORT 10,0,0,1,4,1", true, 0},
		{"227 Entering Passive Mode (192,168,1,2,19,136).", false, 0},
		{"227 Entering (1,2,3,4,5)", true, 0},
		{"229 (|||99999|)", true, 0},
		{"229 Entering Extended Passive Mode", true, 0},
		{"PORT 10,0,0,256,4,1", false, 0},
		{"230 Logged in", true, 0},
	} {
		res := new(Result)
		ftpExpect([]byte("200 x\r\n"+c.line+"\r\n"), c.fromServer, res)
		if e := res.Expect; e.Port != c.want || c.want != 0 && (e.Protocol != proto.FTPD || e.AtClient == c.fromServer) {
			t.Errorf("%s: %+v, want port %d", c.line, e, c.want)
		}
	}
}
