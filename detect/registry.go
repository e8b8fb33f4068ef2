package detect

import (
	"sort"
	"sync"

	"netifyd/core/proto"
)

// Registry holds every card of this build, sorted by identifier. It does not
// change after start.
var Registry []Protocol

var (
	open     [3]Candidates      // by transport: TCP, UDP, IP
	stream   [2][256]Candidates // over TCP, by direction and first byte: cards that may begin so
	datagram [256]Candidates    // over UDP, by first byte
	tiers    [2]Candidates      // by tier
	byPort   [2]ports           // by transport: cards that name the port
	named    map[proto.ID]int
)

func init() { arrange() }

// arrange fills and sorts Registry and builds the tables that Inspect reads.
func arrange() {
	Registry = make([]Protocol, len(cards), len(cards)+len(ipProtocols))
	for i, c := range cards {
		Registry[i] = *c
	}
	Registry = append(Registry, ipCards()...)
	sort.SliceStable(Registry, func(i, j int) bool { return Registry[i].ID < Registry[j].ID })
	rearrange()
}

func rearrange() {
	stream, datagram = [2][256]Candidates{}, [256]Candidates{}
	open, tiers = [3]Candidates{}, [2]Candidates{}
	byPort = [2]ports{}
	named = map[proto.ID]int{}
	for i := range Registry {
		p := &Registry[i]
		if _, there := named[p.ID]; !there || p.Over != IP {
			named[p.ID] = i
		}
		tiers[p.Tier].add(i)
		for n, over := range []Transport{TCP, UDP, IP} {
			if p.Over&over == 0 {
				continue
			}
			open[n].add(i)
			if over == IP {
				continue
			}
			for _, port := range p.Ports {
				byPort[n].add(port, uint16(i))
			}
		}
	}
	for i := range Registry {
		startWith(i)
	}
	probed = sync.Once{}
}

// probed says that stream was filled.
var probed sync.Once

// Prepare finds out which cards a stream may belong to by its first byte. Start
// does it where nobody has; it takes a millisecond and more, which a command
// that looks at no packet is spared and a capture spends before its first.
func Prepare() {
	probed.Do(func() {
		res := new(Result)
		for i := range Registry {
			probe(i, res)
		}
	})
}

// probe finds out with which first bytes a stream of a card may begin. It asks
// the card: one byte is a prefix, so No to it is No to every stream with it.
// It asks as if at the card's first port, where a card asks for least.
func probe(i int, res *Result) {
	p := &Registry[i]
	if p.Over&TCP == 0 {
		return
	}
	in := Input{Over: TCP, IPProtocol: 6}
	if len(p.Ports) > 0 {
		in.ServerPort = p.Ports[0]
	}
	one := make([]byte, 1)
	for b := range 256 {
		one[0] = byte(b)
		in.ToServer, in.ToClient, in.FromServer = one, nil, false
		if p.Inspect(&in, res) != No {
			stream[0][b].add(i)
		}
		in.ToServer, in.ToClient, in.FromServer = nil, one, true
		if p.Inspect(&in, res) != No {
			stream[1][b].add(i)
		}
	}
}

// bytesBetween is the bytes from lo to hi, for Protocol.First.
func bytesBetween(lo, hi byte) string {
	b := make([]byte, 0, 256)
	for c := int(lo); c <= int(hi); c++ {
		b = append(b, byte(c))
	}
	return string(b)
}

// startWith notes the first bytes of a card's datagrams.
func startWith(i int) {
	p := &Registry[i]
	if p.Over&UDP == 0 {
		return
	}
	first := p.First
	if first == "" {
		first = bytesBetween(0, 255)
	}
	for _, b := range []byte(first) {
		datagram[b].add(i)
	}
}

// ports is a table of the cards that name a port, with room for twice as many
// ports as any transport has: each new flow asks for its two.
type ports [1 << portBits]struct {
	port  uint16
	cards []uint16 // nil: the place is free
}

const portBits = 9

// place is where a port is, or would be.
func (t *ports) place(port uint16) int {
	i := int(uint32(port) * 0x9e3779b1 >> (32 - portBits))
	for t[i].cards != nil && t[i].port != port {
		i = (i + 1) % len(t)
	}
	return i
}

func (t *ports) add(port, card uint16) {
	e := &t[t.place(port)]
	e.port, e.cards = port, append(e.cards, card)
}

// usual lists the cards that name a port.
func usual(over Transport, port uint16) []uint16 {
	switch over {
	case TCP:
		return byPort[0][byPort[0].place(port)].cards
	case UDP:
		return byPort[1][byPort[1].place(port)].cards
	}
	return nil
}

// IsUsual says that a card names the port.
func IsUsual(over Transport, port uint16) bool { return len(usual(over, port)) > 0 }

// hints lists the cards that name the server's port, or the client's where none does.
func hints(in *Input) []uint16 {
	if h := usual(in.Over, in.ServerPort); h != nil {
		return h
	}
	return usual(in.Over, in.ClientPort)
}

// Card finds the index of a protocol's card; None where this build has none.
func Card(id proto.ID) int {
	if i, ok := named[id]; ok {
		return i
	}
	return None
}
