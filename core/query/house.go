package query

import (
	"net/netip"
	"time"

	"netifyd/core/alert"
	"netifyd/core/flow"
	"netifyd/core/risk"
	"netifyd/core/usage"
)

// House is what the answers are made of. The engine implements it. Its methods
// may be called from any goroutine, one at a time, and never by one that holds
// the lock of the devices: a shard takes that while it holds its own, and most
// of these methods wait for a shard.
type House interface {
	// Now is the newest packet's time, in nanoseconds since 1970, or the clock
	// of an idle capture.
	Now() int64
	// Agent fills in what is known of the agent.
	Agent(a *Agent)
	// Flows shows the flows of one piece of the table, at most 128 places of
	// it, while their shard rests. at is 0 or what the last call returned;
	// less than 0 means that all were shown. What show is given is lent for the call.
	Flows(at int, show func(*Flow)) (next int)
	// Records is Flows for whoever wants no more than the records, all in one
	// call: the first one is at place at. Those for which Shown is false are left out.
	Records(at int, show func(part []flow.Record)) (next int)
	// FlowAt shows the flow at a place that Flows gave; false: it is gone.
	FlowAt(place int, show func(*Flow)) bool
	// Usage is who used what; nil where usage.enabled is false.
	Usage() *usage.Table
	// History is what was used before this hour, Alerts the newest alerts; nil
	// where there are none.
	History() *usage.History
	Alerts() *alert.Ring
	// CommitUsage writes the history now; ResetUsage forgets what was used.
	CommitUsage() error
	ResetUsage() error
	// Rules are what tells firewalls and shapers of flows; nil where there are none.
	Rules() Rules
	// Catalogue is that of the applications; a reload gives another.
	Catalogue() Catalogue
	// Plan is the memory bill of the configuration with other values: nil for
	// that of now. An error names the value that is wrong.
	Plan(values map[string]string) ([]Item, error)
	// Check says what is wrong with the text of a configuration.
	Check(text string) []Fault
}

// Catalogue knows the applications.
type Catalogue interface {
	Tag(id uint32) string
	Each(fn func(id uint32, tag string))
	Category(id uint32) uint8
	CategoryTag(category uint8) string
	EachCategory(fn func(id uint8, tag string))
	Version() string
}

// Flow is one flow of the table.
type Flow struct {
	Rec   *flow.Record
	Place int // in the table
	Iface string
	View  View
}

// View reads what takes longer, while the flow is lent.
type View interface {
	Host(*flow.Record) []byte                   // the name that the flow spoke, or that DNS gave
	Risks(*flow.Record) risk.Set                // what is wrong with it
	Digest(*flow.Record) [20]byte               // names the flow in every event
	Event(dst []byte, r *flow.Record) []byte    // its "flow" event, in dialect 4
	Counters(dst []byte, r *flow.Record) []byte // its "flow_stats" event, in dialect 4
}

// Item is a line of the memory bill.
type Item struct {
	What    string
	Setting string // by which it grows; empty: by none
	Count   int
	Bytes   int
}

// Fault is something wrong in a configuration.
type Fault struct {
	Place, Text string
	Warning     bool // it would be taken all the same
}

// Agent is how the agent does.
type Agent struct {
	Version  string
	UUID     string
	Started  time.Time
	Interval time.Duration

	CPUUser, CPUSystem       time.Duration
	PlanKB, ResidentKB, Peak uint64 // Peak: the most that was resident, KiB

	Flows, MaxFlows                                 uint64
	Evicted, Unanswered, Untold, SlotsExhausted     uint64
	Received, Dropped, Freezes, DroppedLately       uint64 // DroppedLately: in the last interval
	EvictedLately                                   uint64
	Clients, MaxClients, Refused, Closed, LostLines uint64
	Hints                                           int
	Catalogue                                       string // day and place of the catalogue of applications
	Offload                                         string
	OffloadUncounted                                bool   // the kernel does not count what it offloads
	ClockUnset                                      bool   // history waits for it
	HistoryLost                                     bool   // history is kept in memory, though nobody wished it so
	HistoryError                                    string // why it was not written; empty: it was
	Shunted                                         uint64 // flows that were left to the kernel
	Sockets                                         []Socket
	Interfaces                                      []Interface
}

// Socket is where others get the stream.
type Socket struct{ Address, Dialect string }

// Interface is one capture.
type Interface struct {
	Name, Role, State string
	MAC               [6]byte
	Addresses         []netip.Addr
	Received, Dropped uint64
}
