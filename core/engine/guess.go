package engine

import (
	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/detect"
)

func (s *Shard) guess(r *flow.Record, left *detect.Candidates) {
	before := proto.Unknown
	if r.Proto == proto.Unknown {
		before, _ = s.past.find(r)
		r.Proto = before
	}
	s.res.Reset(r.Proto) // that of an announced flow, or of one that goes on
	s.keep(r)
	if before != proto.Unknown {
		r.Confidence = flow.ByHint
	} else if r.Proto == proto.Unknown {
		if r.Proto = s.byPort(r, left); r.Proto != proto.Unknown {
			r.Confidence = flow.ByPort
			r.Flags |= flow.Guessed
		} else if r.App != 0 {
			r.Confidence = flow.ByHint
		}
	}
	r.ProtoCategory = s.set.apps.ProtocolCategory(r.Proto)
}

// byPort guesses the protocol of a flow whose server spoke.
func (s *Shard) byPort(r *flow.Record, left *detect.Candidates) proto.ID {
	if !answered(r) && !looped(r) || r.Detect == 0 && r.Flags&flow.OpenerKnown == 0 {
		return proto.Unknown
	}
	if !began(r) {
		left = nil // cards read beginnings: what they said of the middle counts for nothing
	}
	return s.portOf(r, left)
}

// portOf is the protocol that the server's port is taken for. Where nobody saw
// who opened the flow, its first packet may have been an answer, and the other
// port is looked at too.
func (s *Shard) portOf(r *flow.Record, left *detect.Candidates) proto.ID {
	if !s.set.portGuess {
		return proto.Unknown
	}
	carrier := over(r.Protocol)
	id := detect.Guess(carrier, r.Port[1-r.Opener()], left)
	if id == proto.Unknown && r.Flags&flow.OpenerKnown == 0 {
		id = detect.Guess(carrier, r.Port[r.Opener()], left)
	}
	if id == proto.Unknown && carrier == detect.TCP && (r.Port[0] == ftpDataPort || r.Port[1] == ftpDataPort) {
		return proto.FTPD // any bytes may be a file's, and the control connection was not seen
	}
	return id
}

// ftpDataPort is that which an FTP server opens data connections from (RFC 959, section 3.2).
const ftpDataPort = 20

// answered says that the server of a flow spoke, and did not just refuse.
func answered(r *flow.Record) bool { return r.Flags&(flow.SawLower<<(1-r.Opener())) != 0 }

// looped says that a flow goes to the address that it comes from: a neighbour
// sends it back, as an echo of BFD asks for (RFC 5881, section 4), and that is the answer.
func looped(r *flow.Record) bool { return r.Addr[flow.Lower] == r.Addr[flow.Upper] }

// began says that a flow was seen from its beginning, as far as it has one: each datagram stands for itself.
func began(r *flow.Record) bool { return r.Protocol != ipTCP || r.Flags&flow.OpenerKnown != 0 }
