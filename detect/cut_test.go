package detect

import (
	"encoding/hex"
	"testing"
)

// TestCutAnywhere asks every card about what a snap length leaves of datagrams
// of testdata, alone and behind the one before, at their ports and at foreign
// ones. None may panic.
func TestCutAnywhere(t *testing.T) {
	const longest = 160
	res := new(Result)
	ask := func(in *Input) {
		d := in.Newest()
		card := 0
		defer func() {
			if err := recover(); err != nil {
				t.Fatalf("%v: %d of %d bytes at port %d, %s: %v", Registry[card].ID, len(d), in.size(d), in.ServerPort, hex.EncodeToString(d), err)
			}
		}()
		for card = range Registry {
			if p := &Registry[card]; p.Over&UDP != 0 {
				res.Reset(p.ID)
				p.Inspect(in, res)
			}
		}
	}
	for _, fl := range testFlows(t) {
		if fl.in.Over != UDP {
			continue
		}
		for n, s := range fl.said[:min(len(fl.said), 3)] {
			step := 1 + 2*n
			for size := 1; size < min(len(s.bytes), longest); size += step {
				in := fl.in
				in.FromServer, in.ToServer, in.ToClient, in.Lost = s.fromServer, s.bytes[:size:size], nil, len(s.bytes)-size
				if s.fromServer {
					in.ToServer, in.ToClient = nil, in.ToServer
				}
				in.SetHeld(nil)
				for _, port := range [...]uint16{in.ServerPort, noisePort} {
					in.ServerPort = port
					ask(&in)
				}
				if n > 0 {
					before := fl.said[n-1]
					kept := before.bytes[:min(size, len(before.bytes))]
					in.SetHeld(AppendHeld(nil, before.fromServer, kept, len(before.bytes)-len(kept)))
					ask(&in)
				}
			}
		}
	}
}

// Of NetFlow version 5 a usual snap length leaves less than the times of its first flow.
func TestNetFlowCut(t *testing.T) {
	const whole = 24 + 3*48
	d := make([]byte, whole)
	copy(d, unhex("000500030010000065000000"))
	for size := 1; size < whole; size++ {
		for _, port := range [...]uint16{20000, netflowPorts[0]} {
			in := Input{Over: UDP, IPProtocol: 17, ServerPort: port, ClientPort: 40000, ToServer: d[:size:size], Lost: whole - size}
			in.SetHeld(nil)
			want := No
			if size >= 20 && port == netflowPorts[0] || size >= 56 {
				want = Match
			}
			if got := inspectNetFlow(&in, new(Result)); got != want {
				t.Errorf("%d bytes at port %d: %v, want %v", size, port, got, want)
			}
		}
	}
}

// A message of GTP whose elements do not fit is none, wherever the datagram behind it was cut.
func TestGTPCut(t *testing.T) {
	d := append(unhex("5020000c00000100"+"01000000"+"03003200"), make([]byte, 24)...)
	in := Input{Over: UDP, IPProtocol: 17, ServerPort: 20000, ClientPort: 40000, ToServer: d, Lost: 10}
	if v := inspectGTPC(&in, new(Result)); v != No {
		t.Errorf("%v of a message whose last element goes on behind it", v)
	}
	in.ToServer = append(unhex("4020003600000100"+"01000400"+"11223344"+"03002800"), make([]byte, 20)...)
	in.Lost = 4 + 0x36 - len(in.ToServer)
	if v := inspectGTPC(&in, new(Result)); v != Match {
		t.Errorf("%v of a message that was cut in its second element", v)
	}
}
