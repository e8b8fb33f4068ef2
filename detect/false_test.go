package detect

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strconv"
	"testing"

	"netifyd/core/proto"
)

// Payloads that say nothing: random bytes, as encrypted ones look, and compressed text.
type noise struct {
	rng    *rand.Rand
	random [1 << 16]byte
	packed []byte
}

func newNoise(seed uint64) *noise {
	n := &noise{rng: rand.New(rand.NewPCG(seed, 7))}
	for i := range n.random {
		n.random[i] = byte(n.rng.Uint32())
	}
	var text bytes.Buffer
	for range 60000 {
		text.WriteString(strconv.FormatUint(n.rng.Uint64N(9999999), 36))
		text.WriteByte(" \n,;"[n.rng.IntN(4)])
	}
	var out bytes.Buffer
	z, _ := zlib.NewWriterLevel(&out, 6)
	z.Write(text.Bytes())
	z.Close()
	g, _ := gzip.NewWriterLevel(&out, 9)
	g.Write(text.Bytes())
	g.Close()
	n.packed = out.Bytes()
	return n
}

// payload is lent until the next call for random bytes. Short ones are as frequent as long ones.
func (n *noise) payload() []byte {
	size := 1 + n.rng.IntN(64)
	if n.rng.IntN(2) == 0 {
		size = 64 + n.rng.IntN(1400)
	}
	if n.rng.IntN(8) == 0 {
		at := n.rng.IntN(len(n.packed) - size)
		return n.packed[at : at+size]
	}
	at := n.rng.IntN(len(n.random) - size)
	b := n.random[at : at+size]
	for i := range min(size, 64) { // new ones where cards look first
		if i&7 == 0 {
			u := n.rng.Uint64()
			for j := range min(8, size-i) {
				b[i+j] = byte(u >> (8 * j))
			}
		}
	}
	return b
}

// named asks the registry about a flow of count payloads, and says which signature took it for something.
func (n *noise) named(in Input, count int, res *Result) (proto.ID, bool) {
	var cand Candidates
	var held []byte
	var stream [2][]byte
	for i := range count {
		in.FromServer = i&1 == 1
		b := n.payload()
		switch {
		case in.Over == UDP:
			in.ToServer, in.ToClient = nil, nil
			if in.FromServer {
				in.ToClient = b
			} else {
				in.ToServer = b
			}
			if count > 1 {
				in.SetHeld(held)
				held = AppendHeld(held, in.FromServer, b, 0)
			}
		case in.FromServer:
			stream[1] = append(stream[1], b...)
		default:
			stream[0] = append(stream[0], b...)
		}
		if in.Over == TCP {
			in.ToServer, in.ToClient = stream[0], stream[1]
		}
		if i == 0 {
			cand = Start(&in)
		}
		if v, card := Inspect(&in, &cand, res); v == Match {
			return res.Protocol, Registry[card].Tier == Signature
		}
		if cand.Empty() {
			break
		}
	}
	return proto.Unknown, false
}

// wellKnown are the ports that cards name, of one carrier.
func wellKnown(over Transport) []uint16 {
	var ports []uint16
	for _, e := range byPort[over>>1] {
		if e.cards == nil {
			continue
		}
		port := e.port
		ports = append(ports, port)
	}
	sort.Slice(ports, func(i, j int) bool { return ports[i] < ports[j] })
	return ports
}

// TestNoiseIsUnknown holds all signatures together to no wrong name at all in
// flows of noise at every port, and to one in 100000 at ports that cards name.
// NOISE=10000000 makes it that many flows of each kind instead of a few.
func TestNoiseIsUnknown(t *testing.T) {
	flows := 25000
	if long, err := strconv.Atoi(os.Getenv("NOISE")); err == nil {
		flows = long
	}
	res := new(Result)
	for _, over := range []Transport{UDP, TCP} {
		ports := wellKnown(over)
		for _, known := range []bool{false, true} {
			n := newNoise(uint64(over))
			wrong := map[string]int{}
			total := 0
			for i := range flows {
				in := Input{Over: over, IPProtocol: 17, ServerPort: uint16(1 + n.rng.IntN(65535)), ClientPort: uint16(50000 + n.rng.IntN(9000))}
				if over == TCP {
					in.IPProtocol = 6
				}
				if known {
					in.ServerPort = ports[i%len(ports)]
				}
				count := 1
				if i%8 == 0 {
					count = 2 + n.rng.IntN(5)
				}
				if id, signature := n.named(in, count, res); signature {
					total++
					where := id.Name()
					if known {
						where = fmt.Sprint(where, " at ", in.ServerPort)
					}
					wrong[where]++
				}
			}
			allowed := 0
			if known {
				allowed = max(2, flows/100000)
			}
			if total > allowed {
				t.Errorf("carrier %d, ports that are known %v: %d of %d flows are named, more than %d: %v", over, known, total, flows, allowed, wrong)
			} else if total > 0 {
				t.Logf("carrier %d, ports that are known %v: %d of %d flows are named: %v", over, known, total, flows, wrong)
			}
		}
	}
}
