package faults

import (
	"bytes"
	"encoding/json"
	"maps"
	"sync"
)

// store is what arrived at a server.
type store struct {
	mu     sync.Mutex
	events map[string]int // by type and digest: how often
	usage  map[cell]version
	rows   int // of usage
	again  int // of them, that came before
}

type version struct{ version, down uint64 }

func newStore() *store { return &store{events: map[string]int{}, usage: map[cell]version{}} }

// take stores a row, whatever it is. The caller acknowledges afterwards.
func (s *store) take(line []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, rest, ok := bytes.Cut(line, []byte(`"digest":"`)); ok {
		kind := "begin "
		if bytes.Contains(line, []byte(`"flow_purge"`)) {
			kind = "end "
		}
		s.events[kind+string(rest[:40])]++
		return
	}
	var r struct {
		Start         int64
		Device, Label string
		Down, Version uint64
	}
	at := bytes.IndexByte(line, '{')
	if at < 0 || json.Unmarshal(line[at:], &r) != nil || r.Device == "" {
		return
	}
	s.rows++
	c := cell{r.Start, r.Device, r.Label}
	if has, ok := s.usage[c]; ok && has.version == r.Version {
		s.again++
	} else if !ok || r.Version > has.version {
		s.usage[c] = version{r.Version, r.Down}
	}
}

// distinct is how many events are here, and how many came again.
func (s *store) distinct() (events, again int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.events {
		again += n - 1
	}
	return len(s.events), again
}

// equals says that the newest version of each row of usage is the agent's.
func (s *store) equals(want map[cell]uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := map[cell]uint64{}
	for c, v := range s.usage {
		have[c] = v.down
	}
	return maps.Equal(have, want)
}
