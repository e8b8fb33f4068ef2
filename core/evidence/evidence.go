// Package evidence decides which evidence gives a flow its application: host
// name, protocol, DNS answer, address. It is one rule over a small struct, and
// knows neither flows nor the catalogue of applications.
package evidence

import "math/bits"

// Clue is one kind of evidence.
type Clue uint8

// Clues, the strongest first. What the client itself said beats what its bytes
// are, that beats what other flows and the server say, and that an address,
// which many share.
const (
	None        Clue = iota
	Spoken           // the host name that the client asks for: SNI, Host, the question of DNS
	Twin             // the protocol is that of one application
	Kin              // another flow of the same socket belongs to a call of the application
	Certificate      // what the server calls itself: its certificate, its greeting
	Past             // what the same two sockets spoke before they fell silent
	Answer           // the name that a DNS answer gave for the address
	Agent            // the program that asks
	Address          // whose the address is
	Clues            // how many there are
)

// IsHint says that a clue was seen elsewhere, not in the flow itself.
func (c Clue) IsHint() bool { return c == Kin || c == Past || c == Answer || c == Address }

// Says is what a clue says.
type Says uint8

// What a clue may say.
const (
	Unasked Says = iota
	Nothing      // no application
	Network      // a content network or hosting company, through which any application may go
	App          // an application
)

// Flow is what there is to weigh.
type Flow struct {
	Spoke  bool // the client named a host
	Media  bool // it carries media or their negotiation, as calls of any application do
	Asks   bool // it asks for names: who answers is not the application
	Remote bool // the other end is on the internet
	Says   [Clues]Says
}

// counted are the clues that count for such a flow at all, a bit each.
func (f *Flow) counted() (set uint16) {
	set = 1<<Twin | 1<<Certificate | 1<<Agent
	if f.Spoke {
		set |= 1 << Spoken
	} else {
		set |= 1<<Past | 1<<Answer // else the answer is for another name: many names share an address
	}
	if f.Media {
		set |= 1 << Kin
	}
	if f.Remote && !f.Asks {
		set |= 1 << Address
	}
	return set
}

// Judge gives the clue that decides the application of a flow, None where none
// does: the strongest that names one, else the strongest that names a content
// network. ask is a clue that must be asked before that is certain; None: it is certain.
func Judge(f *Flow) (by, ask Clue) {
	for set := f.counted(); set != 0; set &= set - 1 {
		c := Clue(bits.TrailingZeros16(set))
		switch f.Says[c%Clues] {
		case Unasked:
			return None, c
		case App:
			return c, None
		case Network:
			if by == None {
				by = c
			}
		}
	}
	return by, None
}
