package detect

import (
	"testing"

	"netifyd/core/proto"
)

// TestGuessesAreInOrder: they are searched by halves, a port has one, and a card can refuse each.
func TestGuessesAreInOrder(t *testing.T) {
	for over, table := range map[Transport][]guess{TCP: tcpGuesses, UDP: udpGuesses} {
		last := 0
		for _, g := range table {
			if int(g.port) <= last {
				t.Errorf("%d comes after %d", g.port, last)
			}
			last = int(g.port)
			if all := Open(over); g.by != unread && !g.open(over, &all) {
				t.Errorf("no card over %d can refuse %v at %d", over, g.id, g.port)
			}
		}
	}
}

func TestGuess(t *testing.T) {
	var none, tls, telegram Candidates
	tls.add(Card(proto.TLS))
	telegram.add(Card(proto.Telegram))
	for _, c := range []struct {
		what string
		over Transport
		port uint16
		left *Candidates
		want proto.ID
	}{
		{"nothing was refused", TCP, 443, nil, proto.HTTPS},
		{"its card has not refused", TCP, 443, &tls, proto.HTTPS},
		{"its card has refused, another one has not", TCP, 443, &telegram, proto.Unknown},
		{"every card has refused", TCP, 80, &none, proto.Unknown},
		{"an echo, which no card reads", UDP, 3785, &none, proto.BFD},
		{"QUIC, not Telegram", UDP, 443, nil, proto.QUIC},
		{"registered to PFCP, not Zoom", UDP, 8805, nil, proto.PFCP},
		{"MongoDB, not Steam", TCP, 27017, nil, proto.MongoDB},
		{"shared by several", TCP, 5555, nil, proto.Unknown},
		{"shared by several: AJP and Google Cast", TCP, 8009, nil, proto.Unknown},
		{"shared by several", TCP, 9999, nil, proto.Unknown},
		{"a port of clients", TCP, 49152, nil, proto.Unknown},
		{"neither TCP nor UDP", IP, 443, nil, proto.Unknown},
	} {
		if got := Guess(c.over, c.port, c.left); got != c.want {
			t.Errorf("%s: %d is %v, want %v", c.what, c.port, got, c.want)
		}
	}
}
