package detect

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"netifyd/core/proto"
)

// A noiseKind makes payloads that are no protocol's, of a size.
type noiseKind struct {
	name string
	fill func(n *noise, b []byte)
}

// Programs of one's own send what these make, and so do protocols that nobody here knows.
var noiseKinds = []noiseKind{
	{"random", fillRandom},
	{"words", fillWords},
	{"zeros", fillZeros},
	{"text", fillText},
	{"other", nil}, // bytes of another protocol, cut and changed: see otherNoise
}

func fillRandom(n *noise, b []byte) {
	for i := 0; i < len(b); i += 8 {
		u := n.rng.Uint64()
		for j := i; j < min(i+8, len(b)); j++ {
			b[j] = byte(u)
			u >>= 8
		}
	}
}

// fillWords makes a record of numbers, most of them small, as programs in C
// send it: words of two, four or eight bytes, little-endian more often than not.
func fillWords(n *noise, b []byte) {
	r := n.rng.Uint64()
	width := []int{4, 4, 4, 4, 2, 8, 2, 1}[r&7]
	big := r>>3&3 == 0
	var word [8]byte
	at := 0
	if r>>5&7 == 0 && len(b) > 0 { // a type before the words
		b[0] = byte(n.rng.Uint32N(40))
		at = 1
	}
	for ; at < len(b); at += width {
		v := smallNumber(n.rng, len(b))
		if big {
			binary.BigEndian.PutUint64(word[:], v<<(64-8*width))
		} else {
			binary.LittleEndian.PutUint64(word[:], v)
		}
		copy(b[at:], word[:width])
	}
}

// smallNumber is a number as fields hold it: a count, a type, a length, a power of two, a time or an address.
func smallNumber(rng *rand.Rand, size int) uint64 {
	u := rng.Uint64()
	v := u >> 8
	switch k := u & 31; {
	case k < 10:
		return v & 7
	case k < 17:
		return v & 255
	case k < 19:
		return v & 0xffff
	case k < 21:
		return 0
	case k < 24:
		return uint64(size) - []uint64{0, 4, 2, 8, 1, 12, 6, 16}[v&7]
	case k < 26:
		return 1 << (v & 31)
	case k < 27:
		return v & 0xffffffff
	case k < 28:
		return 1<<(8<<(v&3)) - 1
	case k < 29:
		return 1700000000 + v&0xffffff
	case k < 30:
		return 1000 * (v & 63)
	}
	return v & 31
}

// fillZeros sets a few bytes of a payload of zeros, most of them at its beginning.
func fillZeros(n *noise, b []byte) {
	clear(b)
	for range 1 + n.rng.IntN(5) {
		at := n.rng.IntN(len(b))
		if n.rng.IntN(3) > 0 {
			at = n.rng.IntN(min(len(b), 12))
		}
		b[at] = byte(n.rng.Uint32())
		if n.rng.IntN(2) == 0 {
			b[at] = byte(smallNumber(n.rng, len(b)))
		}
	}
}

var noiseWords = strings.Fields("a the of to in is it you that he was for on are with as his they be at one have this from get set put hello login user pass name key value data list open close start stop ok error end ping pong status version id type time x y 0 1 2 42 100 200 3.14 -1 true false null")

// fillText makes printable characters, words, lines or fields.
func fillText(n *noise, b []byte) {
	r := n.rng.Uint64()
	switch r & 3 {
	case 0:
		for i := range b {
			b[i] = byte(0x20 + n.rng.Uint32N(95))
		}
	default:
		between := []string{" ", " ", " ", ",", ";", "=", ":", "\t", "\r\n", "\n", "|", "/", "\",\"", "&", "\x00", "."}[r>>2&15]
		for at := 0; at < len(b); {
			w := noiseWords[n.rng.IntN(len(noiseWords))]
			if n.rng.IntN(6) == 0 {
				w = strconv.FormatUint(n.rng.Uint64()>>(n.rng.Uint32N(60)), 10+26*int(r>>6&1))
			}
			if r>>7&3 == 0 {
				w = strings.ToUpper(w)
			}
			at += copy(b[at:], w)
			at += copy(b[at:], between)
		}
	}
	if end := []string{"", "\n", "\r\n", "\x00"}[r>>9&3]; len(end) < len(b) {
		copy(b[len(b)-len(end):], end)
	}
	if r>>11&3 == 0 {
		o := []string{"{}", "[]", "<>", "()", "\"\"", "$#", "/?", "\x02\x03"}[r>>13&7]
		b[0], b[len(b)-1] = o[0], o[1]
	}
}

// size of a payload: short ones are as frequent as long ones, multiples of four and of eight frequent.
func (n *noise) size() int {
	switch n.rng.IntN(8) {
	case 0:
		return 1 + n.rng.IntN(1400)
	case 1, 2:
		return 1 + n.rng.IntN(64)
	case 3:
		return 8 * (1 + n.rng.IntN(16))
	}
	return 4 * (1 + n.rng.IntN(24))
}

// noiseFlow is a conversation of noise.
type noiseFlow struct {
	over Transport
	from [6]bool
	said [6][]byte
	n    int
	kin  *Candidates // cards that may know the bytes
	what string
	room [6][1500]byte
	in   Input
	held []byte
	both [2][]byte
}

// make makes a conversation of one to six payloads, most often of one, three quarters of them to the server first.
func (f *noiseFlow) make(n *noise, k *noiseKind, over Transport, others []otherNoise) {
	f.over, f.kin = over, nil
	f.n = 1
	switch n.rng.IntN(4) {
	case 0:
		f.n = 2
	case 1:
		f.n = 1 + n.rng.IntN(6)
	}
	back := n.rng.IntN(4) == 0
	var o *otherNoise
	if k.fill == nil {
		o = &others[n.rng.IntN(len(others))]
		f.kin, f.what = &o.kin, o.what
		f.n = min(f.n, len(o.said))
	}
	for i := range f.n {
		f.from[i] = back
		if o != nil {
			f.said[i] = o.change(n, i, f.room[i][:])
			if o.said[i].fromServer != o.said[0].fromServer {
				f.from[i] = !back
			}
			continue
		}
		if i > 0 && n.rng.IntN(3) > 0 {
			f.from[i] = !f.from[i-1]
		}
		size := n.size()
		if i > 0 && n.rng.IntN(3) == 0 {
			size = len(f.said[i-1])
		}
		f.said[i] = f.room[i][:size]
		k.fill(n, f.said[i])
	}
}

// otherNoise is what a flow of testdata begins with, and the cards that know it.
type otherNoise struct {
	over Transport
	said []said
	kin  Candidates
	what string
}

// change copies a payload, and most often changes it: other bytes, a part cut off, one put before.
func (o *otherNoise) change(n *noise, i int, room []byte) []byte {
	b := room[:copy(room, o.said[i].bytes)]
	for range n.rng.IntN(4) {
		switch n.rng.IntN(6) {
		case 0:
			b = b[:1+n.rng.IntN(len(b))]
		case 1:
			b = b[n.rng.IntN(min(len(b), 24)):]
		case 2:
			if at := n.rng.IntN(min(len(b), 32)); len(b) < 1400 {
				add := 1 + n.rng.IntN(4)
				b = b[:len(b)+add]
				copy(b[at+add:], b[at:])
				fillWords(n, b[at:at+add])
			}
		default:
			at := n.rng.IntN(min(len(b), 48))
			b[at] = byte(n.rng.Uint32())
			if n.rng.IntN(2) == 0 {
				b[at] = byte(smallNumber(n.rng, len(b)))
			}
		}
		if len(b) == 0 {
			b = room[:1]
		}
	}
	return b
}

// otherNoises are the beginnings of flows over TCP or UDP.
func otherNoises(flows []*testFlow, over Transport) []otherNoise {
	var all []otherNoise
	res := new(Result)
	for _, fl := range flows {
		if fl.in.Over != over || len(fl.said) == 0 {
			continue
		}
		o := otherNoise{over: over, what: fl.capture}
		for i := range Registry {
			p := &Registry[i]
			if p.Over&over == 0 {
				continue
			}
			if areKin(p.ID, fl.want) || p.ID == fl.by {
				o.kin.add(i)
				continue
			}
			fl.replay(max(p.Limit, 1), false, func(in *Input) bool {
				res.Reset(p.ID)
				v := p.Inspect(in, res)
				if v == Match {
					o.kin.add(i)
				}
				return v != NeedMore
			})
		}
		for i := range Registry { // and their families
			for j := range Registry {
				if o.kin.has(j) && areKin(Registry[i].ID, Registry[j].ID) {
					o.kin.add(i)
				}
			}
		}
		for _, s := range fl.said[:min(6, len(fl.said))] {
			o.said = append(o.said, said{s.fromServer, s.bytes[:min(len(s.bytes), 1400)]})
		}
		all = append(all, o)
	}
	return all
}

// ask gives a conversation to one card, at a port, and says whether it matches.
func (f *noiseFlow) ask(p *Protocol, port uint16, res *Result) bool {
	in := &f.in
	*in = Input{Over: f.over, ServerPort: port, ClientPort: noiseClient, IPProtocol: 17}
	if f.over == TCP {
		in.IPProtocol = 6
	}
	f.held = f.held[:0]
	f.both[0], f.both[1] = f.both[0][:0], f.both[1][:0]
	for i := range f.n {
		b, dir := f.said[i], 0
		if in.FromServer = f.from[i]; in.FromServer {
			dir = 1
		}
		switch {
		case f.over == UDP && i > 0 && p.Limit == 0:
			return false
		case f.over == UDP:
			in.ToServer, in.ToClient = b, nil
			if dir == 1 {
				in.ToServer, in.ToClient = nil, b
			}
			if i > 0 {
				in.SetHeld(f.held)
			}
		case i == 0 && dir == 0:
			in.ToServer = b
		case i == 0:
			in.ToClient = b
		default:
			if i == 1 {
				first := &f.both[0]
				if f.from[0] {
					first = &f.both[1]
				}
				*first = append(*first, f.said[0]...)
			}
			f.both[dir] = append(f.both[dir], b...)
			in.ToServer, in.ToClient = f.both[0], f.both[1]
		}
		res.Reset(p.ID)
		switch p.Inspect(in, res) {
		case Match:
			return true
		case No:
			return false
		}
		if f.over == UDP && len(f.held)+HeldSize(len(b)) <= p.Limit {
			f.held = AppendHeld(f.held, in.FromServer, b, 0)
		}
	}
	return false
}

// Ports that no card names.
const noisePort, noiseClient = 20123, 51234

// noiseCount is one place of the table: a card, at a foreign port or its own, and a kind of noise.
type noiseCount struct {
	card, kind int
	own        bool
	over       Transport
}

// TestNoise asks every card about conversations of every kind of noise, at a
// port that means nothing, where less than one in a million may match, and at
// one of its own. NOISE says how many (make noise); the table is printed with -v.
func TestNoise(t *testing.T) {
	flows := 6000
	if long, err := strconv.Atoi(os.Getenv("NOISE")); err == nil {
		flows = long
	}
	wrong, example := map[noiseCount]int{}, map[noiseCount]string{}
	res := new(Result)
	for _, over := range []Transport{UDP, TCP} {
		others := otherNoises(testFlows(t), over)
		for k := range noiseKinds {
			n := newNoise(uint64(over)<<8 + uint64(k))
			f := new(noiseFlow)
			note := func(i int, own bool) {
				c := noiseCount{i, k, own, over}
				if wrong[c]++; n.rng.IntN(wrong[c]) == 0 {
					example[c] = f.String()
				}
			}
			for range flows {
				f.make(n, &noiseKinds[k], over, others)
				f.askAll(n, res, note)
			}
		}
	}
	for c, count := range wrong {
		rate, allowed := float64(count)/float64(flows), max(1, flows/1000000)
		if c.own {
			rate *= ownPorts
			allowed = max(3, flows/ownPorts/noisyAtHome(Registry[c.card].ID))
		}
		line := fmt.Sprintf("%-16s %-3s %-5v %-7s %8.2f in a million: %s", Registry[c.card].ID.Name(), [...]string{1: "TCP", 2: "UDP"}[c.over], c.own, noiseKinds[c.kind].name, rate*1e6, example[c])
		if count > allowed {
			t.Error(line)
		} else {
			t.Log(line)
		}
	}
}

// ownPorts: of so many cards one is asked about a flow at its own port.
const ownPorts = 8

// askAll asks every card about the conversation at a foreign port, and some at their own.
func (f *noiseFlow) askAll(n *noise, res *Result, note func(card int, own bool)) {
	in := Input{Over: f.over, FromServer: f.from[0], ToServer: f.said[0], ServerPort: noisePort, ClientPort: noiseClient}
	if f.from[0] {
		in.ToServer, in.ToClient = nil, f.said[0]
	}
	start := Start(&in)
	for w := range start {
		for set := start[w]; set != 0; set &= set - 1 {
			i := w<<6 + bits.TrailingZeros64(set)
			if (f.kin == nil || !f.kin.has(i)) && f.ask(&Registry[i], noisePort, res) {
				note(i, false)
			}
		}
	}
	for i := n.rng.IntN(ownPorts); i < len(Registry); i += ownPorts {
		p := &Registry[i]
		if p.Over&f.over != 0 && len(p.Ports) > 0 && (f.kin == nil || !f.kin.has(i)) && f.ask(p, p.Ports[n.rng.IntN(len(p.Ports))], res) {
			note(i, true)
		}
	}
}

// families are protocols whose messages are the same in part, so that a byte
// changed makes one of the other: they name each other's ports.
var families = [][]proto.ID{
	{proto.DNS, proto.MDNS, proto.LLMNR, proto.NETBIOS},
	{proto.HTTP, proto.Trojan, proto.HTTPConnect, proto.HTTPProxy, proto.RTSP, proto.IceCast, proto.SSTP},
	{proto.NETBIOS, proto.SMBv1, proto.SMBv23},
	{proto.RPC, proto.NFS},
	{proto.CAPWAP, proto.DTLS},
}

func areKin(a, b proto.ID) bool {
	for _, f := range families {
		if slices.Contains(f, a) && slices.Contains(f, b) {
			return true
		}
	}
	return a == b
}

// noisyAtHome is how many flows of noise at its own port a card may take one of.
func noisyAtHome(id proto.ID) int {
	switch id {
	case proto.Finger, proto.Gopher, proto.WhoisDAS, proto.Daytime, proto.DNS, proto.MDNS, proto.LLMNR: // a line of text is all there is; kin
		return 5
	}
	return 40
}

func (f *noiseFlow) String() string {
	s := f.what
	for i := range f.n {
		arrow := " >"
		if f.from[i] {
			arrow = " <"
		}
		s += fmt.Sprintf("%s%d:%x", arrow, len(f.said[i]), f.said[i][:min(len(f.said[i]), 36)])
	}
	return s
}
