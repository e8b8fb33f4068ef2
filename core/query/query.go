// Package query is the one place that answers "what is going on": status,
// devices, flows, usage, alerts, the catalogue, the memory bill. Its faces (the
// control socket, ubus, the command line, and what netifyctl serves) ask here and
// hold no logic about traffic.
//
// An answer is bounded, in rows and in bytes, and paged. It is made between the
// batches of the shards, in pieces, so that no packet waits for it.
package query

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"netifyd/core/usage"
)

// Bounds of an answer.
const (
	MaxRows   = 200
	MaxBytes  = 32 << 10
	MaxOffset = 1000 // rows that may be left out at the beginning of a list that is sorted
)

// Bytes is the memory that a server takes.
const Bytes = MaxBytes + slack + (MaxOffset+MaxRows)*int(unsafe.Sizeof(ranked{})) + 2*pastLabels*int(unsafe.Sizeof(pastLabel{})) + 2*maxLeads*int(unsafe.Sizeof(lead{}))

// Caller is what a face knows of who asks.
type Caller struct {
	Changes bool // may call methods that change something
}

// Errors that a face may have words of its own for. Every other error is the
// asker's, and says what to write instead.
var (
	ErrNoMethod     = errors.New("no such method: ask \"methods\" for the list")
	ErrNoPermission = errors.New("this changes something: only root, or the group that control.group names, may")
)

// Server answers questions, one at a time. It keeps one buffer for them.
type Server struct {
	house House

	mu    sync.Mutex
	reply reply
	top   []ranked // flows that are to be listed
	agent Agent
	apps  Catalogue // of this question

	samples []usage.Sample
	leads   [2][]lead // of an overview: devices, labels
	chart   chart     // of totals
	past    [2]past   // of today, of this period
	seen    [pastLabels / 64]uint64
}

// New makes a server over what the engine shows.
func New(h House) *Server {
	return &Server{house: h, reply: reply{b: make([]byte, 0, MaxBytes+slack)}, top: make([]ranked, 0, MaxOffset+MaxRows),
		samples: make([]usage.Sample, 0, 60), leads: [2][]lead{make([]lead, 0, maxLeads), make([]lead, 0, maxLeads)}}
}

// Ask answers a question. arguments is a JSON object, or empty. The answer is a
// JSON object without a line feed, a copy that the caller owns; that of an error
// is {"error": "what is wrong"}. Anybody may call it.
func (s *Server) Ask(method string, arguments []byte, who Caller) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.ask(method, arguments, who)
	if err != nil {
		s.reply.reset()
		s.reply.open()
		s.reply.text("error", short(err.Error()))
		s.reply.close()
	}
	return append([]byte(nil), s.reply.b...), err
}

// maxError is how many bytes of an error are told: it may quote what was asked.
const maxError = 1 << 10

func short(text string) string {
	if len(text) <= maxError {
		return text
	}
	return text[:maxError] + "..."
}

func (s *Server) ask(method string, arguments []byte, who Caller) error {
	m := find(method)
	if m == nil {
		return ErrNoMethod
	}
	if m.Change && !who.Changes {
		return ErrNoPermission
	}
	a, err := decode(m, arguments)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	s.apps = s.house.Catalogue()
	s.reply.reset()
	s.reply.open()
	if err := m.answer(s, a); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	s.reply.close()
	return nil
}
