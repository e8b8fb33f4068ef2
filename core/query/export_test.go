package query

import (
	"maps"
	"slices"
)

// Slack is what an answer may be longer than MaxBytes.
const Slack = slack

// Room is how large the server's buffer is.
func (s *Server) Room() int { return cap(s.reply.b) }

// Through gives the places of the flows that a filter lets through.
func Through(h House, filter string) (places []int, err error) {
	s := New(h)
	s.apps = h.Catalogue()
	l, err := choose(filter, ofFlows)
	if err != nil {
		return nil, err
	}
	var f subject
	for at := 0; at >= 0; {
		at = h.Flows(at, func(v *Flow) {
			s.look(&f, v, h.Now())
			if l.fits(&f) {
				places = append(places, v.Place)
			}
		})
	}
	return places, nil
}

// States are those that a filter chooses by: of flows, and of devices.
func States() (flows, devices []string) {
	return slices.Sorted(maps.Keys(states)), slices.Sorted(maps.Keys(deviceStates))
}

// Warnings says what is wrong with an agent.
func Warnings(a *Agent) []Warning { return warningsOf(a) }
