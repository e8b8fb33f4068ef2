package detect

import (
	"sort"

	"netifyd/core/proto"
)

// Registry holds every card of this build, sorted by identifier. It does not
// change after start.
var Registry []Protocol

var (
	open   [3]Candidates          // by transport: TCP, UDP, IP
	tiers  [2]Candidates          // by tier
	byPort [2]map[uint16][]uint16 // by transport: cards that name the port
	named  map[proto.ID]int
)

// register adds a card. It is called from init of the protocol's file.
func register(p Protocol) {
	Registry = append(Registry, p)
}

// arrange sorts Registry and builds the tables that Inspect reads. It runs
// once, in zz_arrange.go, after every card was registered.
func arrange() {
	sort.SliceStable(Registry, func(i, j int) bool { return Registry[i].ID < Registry[j].ID })
	rearrange()
}

func rearrange() {
	open, tiers = [3]Candidates{}, [2]Candidates{}
	byPort = [2]map[uint16][]uint16{{}, {}}
	named = map[proto.ID]int{}
	for i := range Registry {
		p := &Registry[i]
		named[p.ID] = i
		tiers[p.Tier].add(i)
		for n, over := range []Transport{TCP, UDP, IP} {
			if p.Over&over == 0 {
				continue
			}
			open[n].add(i)
			if over == IP {
				continue
			}
			for _, port := range p.Ports {
				byPort[n][port] = append(byPort[n][port], uint16(i))
			}
		}
	}
}

// hints lists the cards that name the server's port, or the client's where none does.
func hints(in *Input) []uint16 {
	n := 0
	switch in.Over {
	case UDP:
		n = 1
	case IP:
		return nil
	}
	if h := byPort[n][in.ServerPort]; h != nil {
		return h
	}
	return byPort[n][in.ClientPort]
}

// Guess is the protocol that is usual at the server's port; Unknown where none is.
func Guess(over Transport, port uint16) proto.ID {
	n := 0
	switch over {
	case UDP:
		n = 1
	case IP:
		return proto.Unknown
	}
	if h := byPort[n][port]; len(h) > 0 {
		return Registry[h[0]].ID
	}
	return proto.Unknown
}

// Card finds the index of a protocol's card; None where this build has none.
func Card(id proto.ID) int {
	if i, ok := named[id]; ok {
		return i
	}
	return None
}
