// Package output is the seam between the rows and their receivers: relay fills
// batches, and a package for each kind of receiver (http, mqtt, homeassistant,
// kafka, log, socket, syslog) delivers them.
package output

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Batch is what one Send carries. A Batch is lent: an Output keeps none of it
// once Send has returned.
type Batch struct {
	Agent  string   // UUID of the agent
	Site   string   // site's UUID, or empty
	Labels []string // the owner's words about this agent, such as region=north
	Kind   string   // table, or last part of the topic: usage, flow, status, alert, device, events, aggregator …
	Epoch  uint64   // when the relay began, seconds since 1970
	Seq    uint64   // counts batches of a kind in an epoch, from 0
	Lost   uint64   // rows dropped since the batch before
	Retain bool     // the newest of its kind is to be kept for those who come later (MQTT)

	// Columns names the members of rows, which Lines then holds as JSON
	// arrays. Without columns each line is a JSON object.
	Columns []string
	Lines   [][]byte // without line feeds
}

// Output delivers to one place. One goroutine calls it.
type Output interface {
	// Send returns nil when the other side has acknowledged the batch, as
	// far as its protocol can: HTTP 2xx, PUBACK, a write to a file. Errors
	// beyond those below are tried again after a back-off.
	Send(ctx context.Context, b *Batch) error
	Close() error
}

// Hearer is an Output whose other side can say what it wishes to be told.
type Hearer interface {
	// Hear is called once, before the first Send. Wish is lent a text, as often as
	// the other side says one, from any goroutine.
	Hear(wish func(text []byte))
}

// Living is an Output that keeps a connection while there is nothing to send.
type Living interface {
	// Alive is why there is no connection; nil: there is one, or none was begun.
	// Any goroutine may call it.
	Alive() error
}

// ErrTooLarge asks for the batch in halves (HTTP 413).
var ErrTooLarge = errors.New("the batch is too large for the other side")

// Later is an error that says when to come again (429, 503 with Retry-After).
type Later struct {
	After time.Duration // 0: the other side did not say
	Err   error
}

func (e *Later) Error() string { return fmt.Sprintf("%v (again in %v)", e.Err, e.After) }
func (e *Later) Unwrap() error { return e.Err }

// Refused is an answer that will not change for this batch (400, 422): it is
// dropped and counted, and the words are logged.
type Refused struct {
	Words string // at most 200 bytes of the other side
	Rows  int    // so many rows of the batch; 0: all
}

func (e *Refused) Error() string { return "refused: " + e.Words }

// Fault is an answer that the other side has a fault of its own (HTTP 500): it may be
// broken, or break at something in the batch. It is tried again; where the other side goes
// on to take others of the kind and not this batch, the row that it breaks at is given up.
type Fault struct {
	Err     error
	Settled int // rows from the beginning of the batch that it has answered otherwise
	Refused int // of these: that it will never take
}

func (e *Fault) Error() string { return e.Err.Error() }
func (e *Fault) Unwrap() error { return e.Err }

// Unauthorized waits for a person (401, 403, a certificate refused): the batch
// is kept, and tried again every 15 minutes.
type Unauthorized struct{ Err error }

func (e *Unauthorized) Error() string { return "not authorized: " + e.Err.Error() }
func (e *Unauthorized) Unwrap() error { return e.Err }
