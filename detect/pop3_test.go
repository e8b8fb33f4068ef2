package detect

import (
	"testing"

	"netifyd/core/proto"
)

// The server greets: a client that speaks first does not speak POP3.
func TestPOP3Greets(t *testing.T) {
	const id = proto.POP3
	ask, ok := []byte("AUTH noone password\r\nPING\r\n"), []byte("+OK\r\n+OK\r\n")
	for _, c := range []struct {
		in   Input
		want Verdict
	}{
		{Input{Opened: true, ToServer: ask}, No},
		{Input{Opened: true, ToClient: []byte("+OK POP3 ready\r\n"), FromServer: true}, Match},
		{Input{ToServer: []byte("RETR 1\r\n")}, NeedMore},                              // joined midway
		{Input{ToServer: []byte("RETR 1\r\n"), ToClient: ok, FromServer: true}, Match}, // and answered
	} {
		c.in.Over, c.in.IPProtocol, c.in.ServerPort = TCP, 6, 6379
		if v, _ := inspectBytes(t, id, c.in); v != c.want {
			t.Errorf("%q %q: verdict %d, want %d", c.in.ToServer, c.in.ToClient, v, c.want)
		}
	}
}
