package detect

import (
	"encoding/hex"
	"testing"

	"netifyd/core/proto"
)

// TestEveryLength asks every card about payloads of 0 to 64 bytes, either way,
// at its port and at another, alone and behind a first one. No card may panic.
// The bytes are noise, most of it with a first byte that the card knows, and
// what flows of testdata begin with, cut.
func TestEveryLength(t *testing.T) {
	const longest = 64
	n := newNoise(1)
	res := new(Result)
	var begun [3][][]byte
	for _, fl := range testFlows(t) {
		begun[fl.in.Over>>1] = append(begun[fl.in.Over>>1], fl.said[0].bytes)
	}
	for i := range Registry {
		p := &Registry[i]
		first := p.First
		if p.Over&TCP != 0 {
			first = "" // known by asking
		}
		for _, over := range []Transport{TCP, UDP, IP} {
			if p.Over&over == 0 {
				continue
			}
			for size := range longest + 1 {
				for try := range 60 + 1500/(1+size*size/32) { // short ones more often
					b := make([]byte, size)
					switch samples := begun[over>>1]; {
					case size == 0:
					case try&1 == 0 && len(samples) > 0:
						copy(b, samples[n.rng.IntN(len(samples))])
					default:
						noiseKinds[try>>1&3].fill(n, b)
						if first != "" {
							b[0] = first[n.rng.IntN(len(first))]
						}
					}
					askShort(t, p, over, b, try, res)
				}
			}
		}
	}
}

// askShort asks a card about a payload, to the server or to the client, alone or answered by the same.
func askShort(t *testing.T, p *Protocol, over Transport, b []byte, try int, res *Result) {
	in := Input{Over: over, IPProtocol: [...]uint8{TCP: 6, UDP: 17, IP: 89}[over], ServerPort: noisePort, ClientPort: noiseClient, FromServer: try&4 != 0}
	defer func() {
		if err := recover(); err != nil {
			t.Fatalf("%v over %v at port %d, %d bytes %s: %v", p.ID, over, in.ServerPort, len(b), hex.EncodeToString(b), err)
		}
	}()
	if try&8 != 0 && len(p.Ports) > 0 {
		in.ServerPort = p.Ports[0]
	}
	one, other := &in.ToServer, &in.ToClient
	if in.FromServer {
		one, other = other, one
	}
	*one = b
	if try&16 != 0 {
		*other = b[: len(b)/2 : len(b)/2]
		if over == UDP {
			in.SetHeld(AppendHeld(nil, !in.FromServer, *other, 0))
		}
	}
	res.Reset(p.ID)
	p.Inspect(&in, res)
}

// A file that is not there, of four bytes: an ERROR of RFC 1350 has five at least.
func TestTFTPShort(t *testing.T) {
	mustNot(t, proto.TFTP, UDP, 30000, cx("00050000"))
	mustNot(t, proto.TFTP, UDP, tftpPort, cx("00050000"))
	mustMatch(t, proto.TFTP, proto.TFTP, UDP, tftpPort, sx("0005000100"))
}
