package detect

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"netifyd/core/proto"
)

// isBlocked says that people have rules for a protocol, so that a wrong name costs somebody a connection.
func isBlocked(id proto.ID) bool {
	switch id {
	case proto.QUIC, proto.BitTorrent, proto.TINC, proto.DTLS:
		return true
	}
	return id.Category() == proto.VPN
}

// blockedFlow is how a conversation of a card goes: directions, sizes and what
// each payload begins with.
type blockedFlow []said

// samples are the conversations of testdata that a card knows.
func samples(t testing.TB, p *Protocol, over Transport) (all []blockedFlow) {
	res := new(Result)
	for _, fl := range testFlows(t) {
		if fl.in.Over != over {
			continue
		}
		known := false
		fl.replay(max(p.Limit, 1), false, func(in *Input) bool {
			res.Reset(p.ID)
			v := p.Inspect(in, res)
			known = known || v == Match
			return v != NeedMore
		})
		if known {
			all = append(all, blockedFlow(fl.said[:min(6, len(fl.said))]))
		}
	}
	return all
}

// fill makes a conversation of the form of one that is known: its directions
// and, half of the time, its sizes; the first right bytes of each payload stay,
// and the rest is random. Without a form it is one to six payloads of any size.
func (f *noiseFlow) fill(n *noise, form blockedFlow, right int) {
	f.n = 1 + n.rng.IntN(6)
	if form != nil {
		f.n = len(form)
	}
	for i := range f.n {
		size := 1 + n.rng.IntN(256)
		f.from[i] = i > 0 && n.rng.IntN(2) == 0
		if form != nil {
			f.from[i] = form[i].fromServer
			if right > 0 || n.rng.IntN(2) == 0 {
				size = min(len(form[i].bytes), len(f.room[i]))
			}
		}
		size = max(size, 1)
		b := f.room[i][:size]
		at := n.rng.IntN(len(n.random) - size)
		copy(b, n.random[at:at+size])
		u, v := n.rng.Uint64(), n.rng.Uint64() // new ones where cards look first
		for j := range min(16, size) {
			if j == 8 {
				u = v
			}
			b[j] = byte(u >> (j & 7 * 8))
		}
		if form != nil {
			copy(b[:min(right, size)], form[i].bytes)
		}
		f.said[i] = b
	}
}

// A blockedRow is one measurement: of a card, at a port, of payloads that begin with so many right bytes.
type blockedRow struct {
	p     *Protocol
	over  Transport
	port  uint16
	right int
	forms []blockedFlow
}

// first are the bytes with which a conversation begins that is shown to the
// card at all, to the server first and to the client first.
func (r *blockedRow) first() (known [2][]byte) {
	for dir := range known {
		for c := range 256 {
			in := Input{Over: r.over, ServerPort: r.port, ClientPort: noiseClient, ToServer: []byte{byte(c)}}
			if dir == 1 {
				in.FromServer, in.ToServer, in.ToClient = true, nil, in.ToServer
			}
			start := Start(&in)
			for i := range Registry {
				if &Registry[i] == r.p && start.has(i) {
					known[dir] = append(known[dir], byte(c))
				}
			}
		}
	}
	return known
}

// measure makes flows conversations. share is how many of all conversations
// begin as these do.
func (r *blockedRow) measure(flows int) (took, made int, share float64, example string) {
	n := newNoise(uint64(r.right)<<16 + uint64(r.p.ID))
	f := &noiseFlow{over: r.over}
	res := new(Result)
	first := r.first()
	share, made = 1, flows
	switch {
	case r.right > 0:
		for range r.right {
			share /= 256
		}
	default:
		share = float64(max(len(first[0]), len(first[1]))) / 256
		made = int(float64(10*flows) * share)
	}
	for range made {
		var form blockedFlow
		if len(r.forms) > 0 && (r.right > 0 || n.rng.IntN(2) == 0) {
			form = r.forms[n.rng.IntN(len(r.forms))]
		}
		f.fill(n, form, r.right)
		if r.right == 0 {
			known := first[0]
			if f.from[0] {
				known = first[1]
			}
			if len(known) == 0 {
				continue // no such conversation is shown to the card
			}
			f.said[0][0] = known[n.rng.IntN(len(known))]
		}
		if f.ask(r.p, r.port, res) {
			took++
			example = f.String()
		}
	}
	return took, made, share, example
}

// TestBlocked measures what the cards of protocols that people block take of
// random bytes: less than one conversation in 100 million may match, at their
// ports too. A card is asked about nothing but what begins with a byte that it
// knows (its index), and the others count. Beside them, conversations whose
// payloads begin as real ones do and go on at random tell how much of the proof
// lies in those bytes: of k right bytes, so many may match that 2^-8k of them is
// less than one in 100 million. NOISE is a tenth of how many count for each card, and how many at its port (make noise).
func TestBlocked(t *testing.T) {
	flows := 2000
	if long, err := strconv.Atoi(os.Getenv("NOISE")); err == nil {
		flows = long
	}
	const bound = 1e-8
	for i := range Registry {
		p := &Registry[i]
		for _, over := range []Transport{UDP, TCP} {
			if !isBlocked(p.ID) || p.Tier == Heuristic || p.Over&over == 0 {
				continue
			}
			rows := []blockedRow{{p, over, noisePort, 0, samples(t, p, over)}}
			if len(p.Ports) > 0 {
				rows = append(rows, blockedRow{p, over, p.Ports[0], 0, rows[0].forms})
			}
			for _, right := range []int{1, 2, 4, 8} {
				if rows[0].forms != nil {
					rows = append(rows, blockedRow{p, over, noisePort, right, rows[0].forms})
				}
			}
			for _, r := range rows {
				made := flows
				if r.right > 0 || r.port != noisePort { // at its own port a card is shown everything
					made = flows / 10
				}
				took, made, share, example := r.measure(made)
				rate := max(float64(took), 1) / float64(made) * share
				line := fmt.Sprintf("%-11s %s %5d %d bytes right: %d of %d, less than one in %.1e", p.ID.Name(), [...]string{1: "TCP", 2: "UDP"}[over], r.port, r.right, took, made, 1/rate)
				if took > 0 && rate > bound {
					t.Errorf("%s: %s", line, example)
				} else {
					t.Log(line)
				}
			}
		}
	}
}
