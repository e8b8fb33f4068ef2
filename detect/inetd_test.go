package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestEcho(t *testing.T) {
	const id = proto.Echo
	testProtocol(t, id)
	mustMatch(t, id, id, UDP, 7, c("hello"), s("hello"))
	mustNot(t, id, UDP, 8, c("hello"), s("hello"))
	mustNot(t, id, TCP, 7, c("hello"), s("hallo"))
}

func TestChargen(t *testing.T) {
	const id = proto.Chargen
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 19, s("wxyz{|}~ !\"#$%&'()"))
	mustNot(t, id, TCP, 19, s("abcdefghijkklmno"))
	mustNot(t, id, TCP, 20, s("abcdefghijklmnopqrst"))
}

func TestDaytime(t *testing.T) {
	const id = proto.Daytime
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 13, s("Tuesday, February 22, 1982 17:37:43-PST\r\n"))
	mustNot(t, id, TCP, 13, s("Welcome to the machine\r\n"))
	mustNot(t, id, TCP, 14, s("Sat Nov 21 19:32:45 2026\r\n"))
}
