// Package detect names the protocol of a flow from its first bytes and reads
// the metadata those bytes carry.
//
// One protocol is one file and a line of cards. Its card (Protocol) has a pure
// function Inspect: same bytes, same answer; no allocation, no clock, no
// state but what is in Input and Result. What must outlive a packet is only
// ever bytes, and the engine holds them.
package detect

import (
	"math/bits"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/digest"
	"netifyd/detect/internal/tlsmsg"
)

// Verdict is what a detector says of the bytes so far.
type Verdict uint8

// Verdicts.
const (
	No       Verdict = iota // this flow is never this protocol, whatever follows
	NeedMore                // everything so far fits, but it could still be something else
	Match                   // it is this protocol; no later byte can refute it
	Odd                     // over UDP: this datagram is none of its own, but many others may prove the flow
)

// Transport is a set of carriers.
type Transport uint8

// Carriers of a flow.
const (
	TCP Transport = 1 << iota
	UDP
	IP // any other IP protocol; Input.IPProtocol says which
)

// Tier orders who may speak.
type Tier uint8

// Tiers.
const (
	Signature Tier = iota // the bytes prove it
	Heuristic             // statistics and shapes; asked only where every signature said No
)

// Protocol is a detector's card.
type Protocol struct {
	ID    proto.ID
	Over  Transport
	Ports []uint16 // server ports: order of the asking, never the answer nor the guess (see guess.go)
	// First lists the bytes that a datagram may begin with that Inspect does not
	// refuse where none was kept before it, either way and at any port; empty:
	// any. Of a stream the registry finds out by asking.
	First string
	// Limit is how many bytes each way Inspect ever wants: TCP bytes from the
	// start of the stream, UDP bytes of all datagrams together. A UDP card
	// with Limit 0 never asks for an earlier datagram; it may not say NeedMore,
	// but may say Odd.
	Limit int
	Tier  Tier
	// Feed asks for every later packet of a decided flow too, because it
	// tells about other flows (DNS answers, FTP data ports). Inspect then sees
	// that packet's payload alone, as the bytes of its direction.
	Feed bool
	// Alone says that a datagram of a flow that is known needs no earlier one to
	// be understood: none is kept.
	Alone bool
	// Adds says that Inspect, asked again, finds in res what it put before, as
	// far as it was kept, and puts what is new: nothing is worked out twice.
	Adds    bool
	Inspect func(in *Input, res *Result) Verdict
}

// Answer is an address that a name server gave for a name.
type Answer struct {
	Addr [16]byte // IPv4 in the first four bytes
	V6   bool
	TTL  uint32 // seconds
}

// Expectation announces a flow that will come between the hosts of this one:
// what it will be, and where it will be waited for.
type Expectation struct {
	Protocol proto.ID
	Port     uint16
	AtClient bool // the client of this flow listens, not its server
}

// Limits of a Result.
const (
	MaxAnswers   = 16
	ScratchBytes = 16384
)

// Result is what detectors fill in. One is reused for all flows of a shard.
type Result struct {
	// Protocol is set to the card's before Inspect is asked; Inspect may put a
	// closer one there (TLS that negotiated h2 is HTTP/S).
	Protocol proto.ID
	// More: a Match whose metadata is not complete; Inspect wants to see more
	// bytes of this flow, up to its Limit.
	More bool
	// Awaits: all that More wants is a segment of the client that begins with
	// this byte; any other of the client's ends the wait (TCP). 0: all is wanted.
	Awaits byte
	// Partial: the bytes prove less than usual; the event says "dpi_partial".
	Partial bool
	attr.Set
	// Answers of a DNS response belong to the name Answered, lent for as long as
	// r is not used again.
	Answers  [MaxAnswers]Answer
	NAnswers int
	Answered []byte
	// Asks and Replies stand for identifier and question of a DNS query and of a
	// response; 0: there is none. An answer is believed only where they are equal.
	Asks, Replies uint64
	Call          uint64      // stands for the two user name fragments of an ICE check (RFC 8445, section 7.2.2), which all checks of a call share; 0: none
	Expect        Expectation // Port 0: none
	Facts         attr.Facts  // what rules of risk ask about

	// What is remembered of other flows, so that it need not be computed again.
	ja3s  digest.Memo
	ja4s  tlsmsg.JA4Memo
	certs digest.Memo // by certificate

	// names are those of the server's certificate, lent for the call, and whether all of it is there.
	names       []byte
	wholeLeaf   bool
	serverEnded bool // the server says nothing more in the clear

	// Scratch is room for work such as joining a hello; it means nothing between calls.
	Scratch [ScratchBytes]byte
}

// Reset makes r ready for a call of Inspect of the protocol id.
func (r *Result) Reset(id proto.ID) {
	r.Protocol = id
	r.More, r.Awaits, r.Partial = false, 0, false
	r.Set.Reset()
	r.NAnswers, r.Answered = 0, nil
	r.Asks, r.Replies, r.Call = 0, 0, 0
	r.Expect.Port = 0
	r.Facts = 0
}

// maxProtocols is how many cards fit into Candidates.
const maxProtocols = 512

// Candidates is a set of cards by their place in the registry: those that
// have not said No to a flow.
type Candidates [maxProtocols / 64]uint64

func (c *Candidates) add(i int)      { c[i>>6] |= 1 << (i & 63) }
func (c *Candidates) remove(i int)   { c[i>>6] &^= 1 << (i & 63) }
func (c *Candidates) has(i int) bool { return c[i>>6]&(1<<(i&63)) != 0 }

// Empty says that no card is left.
func (c *Candidates) Empty() bool {
	var all uint64
	for _, w := range c {
		all |= w
	}
	return all == 0
}

// Disable adds every card of a protocol to c, to be taken out of other sets.
func (c *Candidates) Disable(id proto.ID) {
	for i := range Registry {
		if Registry[i].ID == id {
			c.add(i)
		}
	}
}

// None is the index of no card.
const None = -1

// Open is the set of cards to ask about a flow of which nothing is known.
func Open(over Transport) Candidates {
	switch over {
	case TCP:
		return open[0]
	case UDP:
		return open[1]
	}
	return open[2]
}

// Start is the set of cards to ask about a flow that begins with what is in
// in: those that may begin with its first byte, and those that name a port of it.
func Start(in *Input) Candidates {
	b := in.Newest()
	if in.Over == IP || len(b) == 0 {
		return Open(in.Over)
	}
	var c Candidates
	if in.Over == UDP {
		c = datagram[b[0]]
	} else {
		Prepare()
		dir := 0
		if in.FromServer {
			dir = 1
		}
		c = stream[dir][b[0]]
	}
	for _, port := range [...]uint16{in.ServerPort, in.ClientPort} {
		for _, i := range usual(in.Over, port) {
			c.add(int(i))
		}
	}
	return c
}

// Inspect asks the cards in c, signatures before heuristics and those whose
// port it is first, and takes out of c every card that says No. On Match,
// card is its index and res is filled; else card is None.
//
// A card that finds a datagram odd stays among those to ask; Odd is the answer
// where no card says more. A heuristic is asked
// from the start, since it judges who spoke how much before the other did, but
// does not speak as long as a signature says NeedMore.
func Inspect(in *Input, c *Candidates, res *Result) (v Verdict, card int) {
	more, odd := false, false
	hint := hints(in)
	for tier := Signature; tier <= Heuristic; tier++ {
		waits := more
		for _, i := range hint {
			if c.has(int(i)) && Registry[i].Tier == tier {
				switch ask(in, c, int(i), res) {
				case Match:
					if !waits {
						return Match, int(i)
					}
				case NeedMore:
					more = true
				case Odd:
					odd = true
				}
			}
		}
		for w := range c {
			for set := c[w] & tiers[tier][w]; set != 0; set &= set - 1 {
				i := w<<6 + bits.TrailingZeros64(set)
				if isIn(hint, i) {
					continue
				}
				switch ask(in, c, i, res) {
				case Match:
					if !waits {
						return Match, i
					}
				case NeedMore:
					more = true
				case Odd:
					odd = true
				}
			}
		}
	}
	switch {
	case more:
		return NeedMore, None
	case odd:
		return Odd, None
	}
	return No, None
}

func isIn(hint []uint16, i int) bool {
	for _, h := range hint {
		if int(h) == i {
			return true
		}
	}
	return false
}

// ask puts the question to one card and holds it to its limit.
func ask(in *Input, c *Candidates, i int, res *Result) Verdict {
	p := &Registry[i]
	res.Reset(p.ID)
	v := p.Inspect(in, res)
	if v == NeedMore && (p.Limit == 0 || in.Over == TCP && (len(in.ToServer) >= p.Limit || len(in.ToClient) >= p.Limit)) {
		v = No
	}
	if v == Odd && in.Over != UDP {
		v = No
	}
	if v == No {
		c.remove(i)
	}
	return v
}

// Again asks the card that matched a flow for what later bytes add. kept is
// what was kept of the flow's attributes (attr.Set.AppendPacked): a card that
// Adds finds them in res, and nothing in it otherwise.
func Again(in *Input, card int, res *Result, kept []byte) Verdict {
	p := &Registry[card]
	res.Reset(p.ID)
	in.Known = true
	if p.Adds {
		res.Set.Unpack(kept)
	}
	return p.Inspect(in, res)
}
