// Package sink delivers finished lines: Fanout to any number of clients, each
// with a bounded queue of its own, Writer to a file.
package sink

import (
	"netifyd/core"
	"netifyd/core/event"
	"netifyd/core/expr"
)

// Outlet is where one goroutine of the engine puts its lines. Ports of a
// Fanout and Writers are outlets. It belongs to that goroutine alone.
type Outlet interface {
	// Poll takes note of clients that came and went. Call it between batches;
	// without news it costs one atomic load. What it returns is valid until
	// the next Poll: the clients that have not been told yet of the flows that
	// were there before them.
	Poll() []*Join
	// Dialects are those that anybody listens in: encode a line for each of
	// them, and for no other. It changes in Poll only.
	Dialects() event.Dialects
	// Wants says whether somebody who listens in dialect d wants lines of kind.
	// It changes in Poll only.
	Wants(d event.Dialect, kind core.Kind) bool
	// Filters says whether somebody wants lines of kind of some flows only: then
	// Select comes before Offer.
	Filters(kind core.Kind) bool
	// Select says whether somebody of dialect 5 wants a line of kind about the
	// flow that in describes. What is offered next goes to those who do.
	Select(kind core.Kind, in *expr.Input) bool
	// Offer hands a line in dialect d to every client of that dialect. It
	// neither blocks on a client nor keeps line. rank says what gives way where
	// a client is slow. False: somebody lost something for it, which is counted.
	Offer(d event.Dialect, kind core.Kind, rank core.Rank, line []byte) bool
}

// Join is a client that this outlet has known since a Poll, and that is still
// to be told of the flows that were there before.
type Join struct {
	// At and Since are the caller's own: how far it has come, since when. They start at 0.
	At    uint32
	Since int64

	client *client
	done   bool
}

// Dialect is the client's.
func (j *Join) Dialect() event.Dialect { return j.client.door.Dialect }

// Wants says whether the client wants lines of kind.
func (j *Join) Wants(kind core.Kind) bool { return j.client.wants.Load().has(kind) }

// Filter says which flows the client wants to hear of; nil: of all.
func (j *Join) Filter() *expr.Program { return j.client.wants.Load().flows() }

// Room is how many bytes of lines may be offered now without taking the room
// of live events. When a line does not fit, go on after a later Poll.
func (j *Join) Room() int { return j.client.queue.spare() }

// Offer hands a line to this client only.
func (j *Join) Offer(line []byte) bool { return j.client.queue.push(line, core.Wanted) }

// Done says that the client has been told everything.
func (j *Join) Done() { j.done = true }
