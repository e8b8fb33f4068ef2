package client

// Status is the answer to "status": how the agent does. Counters rise from 0
// since the agent started. What an older agent does not tell is zero.
type Status struct {
	Version  string
	Now      int64 // seconds since 1970, as are the next
	Started  int64
	Uptime   uint64 // seconds
	Interval uint64 `json:"update_interval"` // seconds between two flow_stats of a flow
	Memory   struct {
		Plan     uint64 `json:"plan_kb"` // KiB: tables, by the configuration
		Resident uint64 `json:"resident_kb"`
		Peak     uint64 `json:"peak_kb"` // the most that was resident
	}
	CPU   struct{ User, System float64 } // seconds
	Flows struct {
		Now, Max   uint64 // in the table
		Evicted    uint64 // ended since the table was full
		Unanswered uint64 // connections that nobody answered
		Untold     uint64 // no event tells of them, since too many came at a time
		Shunted    uint64 // left to the kernel
		Slots      uint64 `json:"slots_exhausted"` // given up for want of room to join packets
	}
	Capture struct {
		Received, Dropped uint64 // packets
		Freezes           uint64 // times a ring was full
	}
	Clients struct {
		Now, Max        uint64
		Refused, Closed uint64
		Lost            uint64 // events, which slow readers lost
	}
	Hints     *uint64 // names learnt from DNS; nil: not told
	Offload   string
	Catalogue string
	Usage     *Usage // nil: usage is not counted
	// Tables: address, dialect; and name, role, state, mac, addresses, received, dropped.
	Sockets, Interfaces Rows
	Warnings            []Warning
}

// Usage is how full the tables of devices and of their usage are.
type Usage struct {
	Devices, Cells uint64 // in use
	MaxDevices     uint64 `json:"max_devices"`
	MaxCells       uint64 `json:"max_cells"`
	Refused        uint64 `json:"devices_refused"` // times that a device found no place
	Gone           uint64 `json:"devices_folded"`  // devices that gave up their place
	Folded         uint64 `json:"cells_folded"`    // cells that lost their detail
	History        uint64 `json:"history_bytes"`   // on disk
}
