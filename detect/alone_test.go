package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

// TestSeenAlone: packets of one side are enough where they say what only one
// protocol says, as where answers take another way.
func TestSeenAlone(t *testing.T) {
	for _, c := range []struct {
		id     proto.ID
		port   uint16
		server bool
		bytes  string
	}{
		{proto.FTPC, 21, false, "USER anonymous\r\nPASS ftp@example.com\r\nPWD\r\nEPSV\r\n"},
		{proto.FTPC, 2121, false, "USER anonymous\r\nPASS ftp@example.com\r\nTYPE I\r\n"},
		{proto.FTPC, 21, false, "USER a\r\nPASS b\r\nPORT 192,0,2,1,4,1\r\n"},
		{proto.FTPC, 21, false, "USER a\r\nPASS b\r\ntype l 8\r\n"},
		{proto.FTPC, 21, false, "USER a\r\nPASS b\r\nEPRT |1|192.0.2.1|1025|\r\n"},
		{proto.POP3, 110, false, "USER anna\r\nPASS secret\r\nuidl\r\n"},
		{proto.POP3, 110, false, "USER anna\r\nPASS secret\r\nTOP 1 0\r\n"},
		{proto.IMAP, 143, false, "a1 LOGIN a b\r\na2 IDLE\r\n"},
		{proto.POP3, 110, false, "USER anna\r\nPASS secret\r\nSTAT\r\n"},
		{proto.POP3, 1100, false, "CAPA\r\nAUTH PLAIN\r\nAHUAcA==\r\nLIST\r\n"},
		{proto.IMAP, 143, false, "A001 CAPABILITY\r\nA002 LOGIN anna secret\r\n"},
		{proto.IMAP, 1430, false, "1 ID (\"name\" \"x\")\r\n2 AUTHENTICATE PLAIN\r\n"},
		{proto.SMTP, 24, true, "220 localhost Dovecot ready.\r\n250-localhost\r\n250-PIPELINING\r\n250 8BITMIME\r\n"},
		{proto.PGSQL, 5432, true, "R\x00\x00\x00\x17\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00"},
		{proto.PGSQL, 5433, true, "NR\x00\x00\x00\x0c\x00\x00\x00\x05saltR\x00\x00\x00\x08\x00\x00\x00\x00S\x00\x00\x00\x16application_name\x00\x00"},
		{proto.PGSQL, 5433, true, "E\x00\x00\x00\x20SFATAL\x00VFATAL\x00C28P01\x00Mno\x00\x00"},
	} {
		in := Input{Over: TCP, Opened: true, FromServer: c.server, ServerPort: c.port, ClientPort: 40000}
		if in.ToServer = []byte(c.bytes); c.server {
			in.ToServer, in.ToClient = nil, []byte(c.bytes)
		}
		whole := in
		cards := Start(&whole)
		if v, card := Inspect(&whole, &cards, new(Result)); v != Match || Registry[card].ID != c.id {
			t.Errorf("%q: %v, card %d, not %s", c.bytes, v, card, c.id.Name())
		}
		// In pieces it is never something else.
		cards = Start(&in)
		for n := 1; n <= len(c.bytes); n++ {
			if in.ToServer = []byte(c.bytes[:n]); c.server {
				in.ToServer, in.ToClient = nil, []byte(c.bytes[:n])
			}
			if n == 1 {
				cards = Start(&in)
			}
			v, card := Inspect(&in, &cards, new(Result))
			if v == Match && Registry[card].ID != c.id || v == No || n == len(c.bytes) && v != Match {
				t.Errorf("%q: %v", c.bytes[:n], v)
				break
			}
			if v == Match {
				break
			}
		}
	}
	for _, text := range []string{
		"USER anonymous\r\nPASS x\r\nthat is all\r\n", "CAPABILITY\r\nLIST\r\n", "the CHECK is in the post\r\nto LIST what is in it\r\n",
		// Commands of somebody's own behind a name and a password, and numbered lines of text.
		"USER a\r\nPASS b\r\nSTATUS\r\n", "USER a\r\nPASS b\r\nLISTEN 5\r\n", "USER a\r\nPASS b\r\nLIST -al\r\n", "USER a\r\nPASS b\r\nTOP SECRET\r\n",
		"USER a\r\nPASS b\r\nPWDX\r\n", "USER a\r\nPASS b\r\nFEATURES\r\n", "USER a\r\nPASS b\r\nSYSTEM\r\n", "USER a\r\nPASS b\r\nPORT 8080\r\n", "USER a\r\nPASS b\r\nTYPE text\r\n",
		"USER a\r\nPASS b\r\nEPSV x\r\n", "USER a\r\nPASS b\r\nTYPE\r\n",
		"step1 CHECK the oven\r\nstep2 CHECK the pan\r\n", "1 NOOP\n2 NOOP\n", "a1 IDLENESS\r\na2 CLOSED\r\n",
		"POST /x HTTP/1.1\r\nHost: x\r\n\r\nUSER a\r\nPASS b\r\nPWD\r\n",
	} {
		in := Input{Over: TCP, Opened: true, ServerPort: 20123, ClientPort: 40000, ToServer: []byte(text)}
		cards := Open(TCP)
		if v, card := Inspect(&in, &cards, new(Result)); v == Match && !strings.Contains(text, "HTTP") {
			t.Errorf("%q: %s", text, Registry[card].ID.Name())
		} else if v == Match && Registry[card].ID != proto.HTTP {
			t.Errorf("%q: %s", text, Registry[card].ID.Name())
		}
	}
}
