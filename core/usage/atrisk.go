package usage

import (
	"netifyd/core/device"
	"netifyd/core/flow"
)

// maxAtRisk is how many flows at risk wait for whoever raises alerts. More are
// not told: the first ones of a device stand for them.
const maxAtRisk = 32

// AtRisk is a flow that somebody should hear of.
type AtRisk struct {
	Device device.ID
	Risk   uint8
	Flows  uint32 // of the same kind
}

// AtRisk notes a risk of a flow that has a device. The caller holds the lock.
func (t *Table) AtRisk(r *flow.Record, risk uint8) {
	id := t.Devices.Main(device.ID(r.Device))
	for i := range t.atRisk[:t.numAtRisk] {
		if x := &t.atRisk[i]; x.Device == id && x.Risk == risk {
			x.Flows++
			return
		}
	}
	if t.numAtRisk < maxAtRisk {
		t.atRisk[t.numAtRisk] = AtRisk{id, risk, 1}
		t.numAtRisk++
	}
}

// DrainAtRisk calls fn for what was noted since it was called last. The caller holds the lock.
func (t *Table) DrainAtRisk(fn func(AtRisk)) {
	for _, x := range t.atRisk[:t.numAtRisk] {
		fn(x)
	}
	t.numAtRisk = 0
}
