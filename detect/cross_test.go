package detect

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"netifyd/core/proto"
)

// meets are cards that both know some flow, and why neither is wrong. The
// first is asked first, or its answer is the one that counts.
var meets = map[[2]proto.ID]string{
	{proto.STUN, proto.RTP}: "one socket of a call carries both (RFC 7983)",
}

// moreCaptures are the flows of the directory that NETIFYD_CAPTURES names.
func moreCaptures(t *testing.T) (flows []*testFlow) {
	dir := os.Getenv("NETIFYD_CAPTURES")
	if dir == "" {
		return nil
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.pcap*"))
	for _, name := range names {
		func() {
			defer func() {
				if p := recover(); p != nil { // of the library that decodes packets
					t.Logf("%s: %v", name, p)
				}
			}()
			more, err := readCapture(name)
			if flows = append(flows, more...); err != nil {
				t.Logf("%s: %v", name, err)
			}
		}()
	}
	return flows
}

// TestCardsMeet asks every card that says Match with certainty about the
// beginning of every flow of testdata, each for itself, so that none hides
// another: where two know a flow, one of them takes another protocol's ordinary
// start for its own. NETIFYD_CAPTURES names a directory of more captures.
func TestCardsMeet(t *testing.T) {
	flows := append(moreCaptures(t), testFlows(t)...)
	res := new(Result)
	met := map[[2]proto.ID]int{}
	for _, fl := range flows {
		if len(fl.said) == 0 {
			continue
		}
		in := fl.in
		in.FromServer = fl.said[0].fromServer
		if in.ToServer = fl.said[0].bytes; in.FromServer {
			in.ToServer, in.ToClient = nil, fl.said[0].bytes
		}
		start := Start(&in)
		first := None
		for i := range Registry {
			p := &Registry[i]
			if p.Over&fl.in.Over == 0 || p.Tier == Heuristic || !start.has(i) {
				continue
			}
			knows, partial, packets := false, false, 0
			fl.replay(max(p.Limit, 1), false, func(in *Input) bool {
				if in.Over == UDP && packets > 0 && p.Limit == 0 {
					return true
				}
				res.Reset(p.ID)
				v := p.Inspect(in, res)
				knows, partial = v == Match, res.Partial
				packets++
				return v != NeedMore || packets == maxPackets
			})
			switch {
			case !knows || partial:
			case first == None:
				first = i
			case !areKin(Registry[first].ID, p.ID):
				pair := [2]proto.ID{Registry[first].ID, p.ID}
				if met[pair]++; met[pair] == 1 && meets[pair] == "" {
					t.Errorf("%s and %s both know %s %s: %.60x", pair[0].Name(), pair[1].Name(), fl.capture, fmt.Sprint(fl.in.Over, fl.in.ClientPort, fl.in.ServerPort), fl.said[0].bytes)
				}
			}
		}
	}
	for pair, n := range met {
		t.Logf("%s and %s: %d flows: %s", pair[0].Name(), pair[1].Name(), n, meets[pair])
	}
}

// TestChangedCaptures changes bytes of the beginnings of the captures that
// NETIFYD_CAPTURES names, cuts some and puts others before them, and asks every
// card that did not know the flow, at a port that means nothing: one in 20 000
// may be taken, most of which are what the capture holds deeper inside. TestNoise
// does the same with testdata.
func TestChangedCaptures(t *testing.T) {
	const rounds, oneIn = 300, 20000
	flows := moreCaptures(t)
	if flows == nil {
		t.Skip("NETIFYD_CAPTURES names no directory")
	}
	res := new(Result)
	n := newNoise(3)
	f := new(noiseFlow)
	for _, over := range []Transport{UDP, TCP} {
		others := otherNoises(flows, over)
		took, example := map[int]int{}, map[int]string{}
		for i := range others {
			for range rounds {
				f.make(n, &noiseKind{"other", nil}, over, others[i:i+1])
				f.askAll(n, res, func(card int, own bool) {
					if !own && Registry[card].Tier != Heuristic {
						took[card]++
						example[card] = f.String()
					}
				})
			}
		}
		for card, count := range took {
			line := fmt.Sprintf("%s: %d of %d: %s", Registry[card].ID.Name(), count, len(others)*rounds, example[card])
			if count*oneIn > len(others)*rounds {
				t.Error(line)
			} else {
				t.Log(line)
			}
		}
	}
}
