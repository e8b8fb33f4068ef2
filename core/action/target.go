// Package action evaluates the rules of the configuration, and writes the flows
// that match to targets: sets, labels and marks. It never touches a packet: rules
// of the user's firewall use these and decide.
package action

import (
	"iter"

	"netifyd/core"
)

// Subject is a flow as a target sees it. It holds no pointer, so that a queue
// of them is one allocation. Addresses are in network order, IPv4 in the first
// four bytes.
type Subject struct {
	Local, Other          [16]byte
	LocalPort, OtherPort  uint16
	Transport             uint8 // IP protocol
	V6                    bool
	LocalIsClient         bool // the local side opened the flow
	Interface             uint8
	LocalMAC, OtherMAC    [6]byte  // zero where not known
	Digest                [20]byte // zero where no target asks for it
	Application           uint32
	Protocol              uint16
	AppCategory, Category uint8  // of the application, of the protocol
	Rule                  uint16 // that matched, for the log
	Mark                  uint32 // of the connection, where conntrack told it
}

// Tuple is that of the client's packets as the capture saw them. On the LAN
// side of NAT it is conntrack's original tuple, on the WAN side what answers
// go to: there the turned tuple is the one that conntrack knows.
func (s *Subject) Tuple() core.Tuple {
	t := core.Tuple{Src: s.Local, Dst: s.Other, SrcPort: s.LocalPort, DstPort: s.OtherPort, Protocol: s.Transport, Version: 4}
	if s.V6 {
		t.Version = 6
	}
	if !s.LocalIsClient {
		t.Src, t.Dst, t.SrcPort, t.DstPort = t.Dst, t.Src, t.DstPort, t.SrcPort
	}
	return t
}

// Target is something outside the agent that is told of flows. All calls come
// from one goroutine. A call may fail: the error is one line that says what to
// do, and a later Sync mends what was missed. A target must not keep s.
//
// A target that finds that its work was undone, as by a reload of the firewall,
// calls Stale of its settings, from any goroutine; the worker answers with Sync.
type Target interface {
	// Add tells of a flow, once until it is removed. With a ttl, in seconds, it
	// is forgotten after that time by itself; 0: not before Remove. What is
	// batched is sent by Flush at the latest.
	Add(s *Subject, ttl uint32) error
	// Remove takes back what Add did for the flow. What several flows share
	// stays until the last of them is removed.
	Remove(s *Subject) error
	// Sync makes the target hold exactly all: it counts anew, adds what is
	// missing, extends times, and removes what is the agent's and not in all.
	// all may be walked more than once.
	Sync(all iter.Seq2[*Subject, uint32]) error
	// Flush sends what is batched. The worker calls it when its queue is empty.
	Flush() error
	// Count may be called between any two of the others.
	Count() Count
	// Close takes back what the settings say that it shall, and ends.
	Close() error
}

// Holder is a Target whose elements may outlive their flows, until their time
// is over: Sync leaves those, but for the first and after Purge.
type Holder interface {
	Target
	// Purge lets the next Sync take out what is only held: rules have changed.
	Purge()
}

// Maker is a Target that makes what it writes into where that is missing.
type Maker interface {
	Target
	// Unmake lets Close take that away again, unless others use it: the start has failed.
	Unmake()
}

// Count is what a target did since it was opened.
type Count struct {
	Elements uint64 // held now
	Added    uint64
	Removed  uint64
	Gone     uint64 // connections that ended before they could be told, or have no room for labels; that is normal
	Errors   uint64
	Refused  uint64 // of Errors: there was no room
}

// Common is what the settings of every target have.
type Common struct {
	Name  string // of the target, for what it says
	Stale func() // see Target; may be nil
	// Most is how many elements the target remembers, and so the size of its
	// memory: 20 bytes each. 0: DefaultMost.
	Most int
}

// DefaultMost is the usual limit of elements of a target.
const DefaultMost = 16384
