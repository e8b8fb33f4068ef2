package core

import "fmt"

// ChangeKind says what happened to a captured interface.
type ChangeKind uint8

// Kinds of changes. A source tells those that its system tells it.
const (
	Down     ChangeKind = iota // taken down; no packets until Up
	Up                         // up again
	Vanished                   // removed, or moved to another namespace
	Returned                   // an interface of that name exists again and is captured
	Failed                     // it exists again, but could not be opened; tried further
	Came                       // an interface that was not there at the start is there, and captured
)

// Change is one change of a captured interface.
type Change struct {
	Interface string
	Kind      ChangeKind
	Err       error // of Failed
}

// String is a sentence for a log.
func (e Change) String() string {
	switch e.Kind {
	case Down:
		return e.Interface + " went down: waiting for it to come up"
	case Up:
		return e.Interface + " is up"
	case Vanished:
		return e.Interface + " vanished: waiting for it to come back"
	case Returned:
		return e.Interface + " came back and is captured again"
	case Came:
		return e.Interface + " is there and captured"
	}
	return fmt.Sprintf("%s is there but cannot be captured, trying further: %v", e.Interface, e.Err)
}
