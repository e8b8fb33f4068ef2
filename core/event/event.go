// Package event writes the lines of the stream: one compact JSON object each,
// keys in ascending order of their bytes, LF at the end. Every function
// extends the caller's buffer and allocates nothing beyond its growth.
// schema.json beside this file describes every line; docs/events.md explains
// the fields.
package event

import (
	"fmt"
	"time"

	"netifyd/core/attr"
	"netifyd/core/conntrack"
	"netifyd/core/flow"
	"netifyd/core/packet"
	"netifyd/core/risk"
)

// Dialect is the generation of netifyd that a listener's clients expect.
type Dialect uint8

// Dialects.
const (
	V3 Dialect = iota // 3.06 to 3.x
	V4                // 4.4
	V5                // 5.x
	// NumDialects is how many there are.
	NumDialects = iota
)

// String is the dialect's name in the configuration.
func (d Dialect) String() string {
	return [NumDialects]string{"3", "4", "5"}[d]
}

// ParseDialect reads a dialect's name; empty is "3", the default.
func ParseDialect(s string) (Dialect, error) {
	switch s {
	case "3", "":
		return V3, nil
	case "4":
		return V4, nil
	case "5":
		return V5, nil
	}
	return V3, fmt.Errorf("unknown dialect %q: use \"3\", \"4\" or \"5\"", s)
}

// Dialects is a set of dialects.
type Dialects uint8

// Has says that d is in the set.
func (s Dialects) Has(d Dialect) bool { return s>>d&1 != 0 }

// With is the set and d.
func (s Dialects) With(d Dialect) Dialects { return s | 1<<d }

// Without is the set less d.
func (s Dialects) Without(d Dialect) Dialects { return s &^ (1 << d) }

// Iface is what a flow's line says of the interface that saw it.
type Iface struct {
	Name     string
	Internal bool // its role is LAN
}

// Tunnel is the outer packet of a flow that was carried inside another.
// Addresses as in packet.View. A zero Version: only the type is known.
type Tunnel struct {
	Type                 packet.TunnelType
	Version              uint8 // IP version of the outer packet
	DSCP                 uint8 // of the outer packet of the flow's first one
	Local, Other         [16]byte
	LocalPort, OtherPort uint16
	LocalTEID, OtherTEID uint32         // GTP: of the packets that each side sent
	GTPVersion           uint8          // GTP: 1
	OtherType            flow.OtherType // of the outer addresses
}

// Flow is what a flow's line is made of. All of it is lent for the call. Keep
// one and fill it again: it escapes to the heap.
type Flow struct {
	Rec         *flow.Record
	Attrs       *attr.Set // nil: no metadata
	Iface       *Iface
	Tunnel      *Tunnel         // nil: came in no tunnel
	Digest      [20]byte        // as Digest made it
	DNSName     []byte          // what a DNS answer called the other address; empty: attr.DNSHostName of Attrs, if any
	AppTag      string          // "netify.whatsapp"; empty where Rec.App is 0
	Risks       risk.Set        // what is wrong with it
	Established bool            // told to a client that came late
	Named       bool            // dialects 3 and 4: counters say what the flow is, as they do in dialect 5
	reported    counts          // of a full record that is being made
	Interval    time.Duration   // that the record's counters by side cover; rates are bytes a second over it
	Conntrack   *conntrack.Conn // nil: not known
}

// Reason is why a flow ended.
type Reason uint8

// Reasons.
const (
	Closed     Reason = iota // TCP, and both sides said so
	Idle                     // no packet for too long, or room was needed
	Terminated               // the agent stops
)

var reasons = [NumDialects][3]string{
	V3: {"closed", "idle", "terminate"},
	V4: {"closed", "expired", "terminated"},
	V5: {"closed", "expired", "expired"},
}

// String is the reason's name in dialect d.
func (r Reason) String(d Dialect) string { return reasons[d][r] }
