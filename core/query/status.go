package query

import (
	"net"
	"strconv"
	"time"

	"netifyd/core/device"
	"netifyd/core/usage"
)

// status tells how the agent does.
func (s *Server) status(args) error {
	a, r := &s.agent, &s.reply
	s.house.Agent(a)
	now := s.house.Now()
	r.text("version", a.Version)
	r.text("uuid", a.UUID)
	r.signed("now", now/1e9)
	r.signed("started", a.Started.Unix())
	r.number("uptime", uint64(time.Since(a.Started)/time.Second))
	r.number("update_interval", uint64(a.Interval/time.Second))
	r.object("cpu")
	r.seconds("user", a.CPUUser)
	r.seconds("system", a.CPUSystem)
	r.close()
	r.object("memory")
	r.number("plan_kb", a.PlanKB)
	r.number("resident_kb", a.ResidentKB)
	r.number("peak_kb", a.Peak)
	r.close()
	r.object("flows")
	r.number("now", a.Flows)
	r.number("max", a.MaxFlows)
	r.number("evicted", a.Evicted)
	r.number("unanswered", a.Unanswered)
	r.number("untold", a.Untold)
	r.number("slots_exhausted", a.SlotsExhausted)
	r.number("shunted", a.Shunted)
	r.close()
	r.object("capture")
	r.number("received", a.Received)
	r.number("dropped", a.Dropped)
	r.number("freezes", a.Freezes)
	r.close()
	r.object("clients")
	r.number("now", a.Clients)
	r.number("max", a.MaxClients)
	r.number("refused", a.Refused)
	r.number("closed", a.Closed)
	r.number("lost", a.LostLines)
	r.close()
	if a.Hints >= 0 {
		r.number("hints", uint64(a.Hints))
	}
	r.text("offload", a.Offload)
	if a.Catalogue != "" {
		r.text("catalogue", a.Catalogue)
	}
	if u := s.house.Usage(); u != nil {
		s.rooms(u)
	}
	r.table("sockets", "address", "dialect")
	for i := range a.Sockets {
		r.row()
		r.cell(a.Sockets[i].Address)
		r.cell(a.Sockets[i].Dialect)
		r.endRow()
	}
	r.endTable(len(a.Sockets))
	r.table("interfaces", "name", "role", "state", "mac", "addresses", "received", "dropped")
	for i := range a.Interfaces {
		x := &a.Interfaces[i]
		r.row()
		r.cell(x.Name)
		r.cell(x.Role)
		r.cell(x.State)
		r.cell(net.HardwareAddr(x.MAC[:]).String())
		r.addresses(x.Addresses)
		r.num(x.Received)
		r.num(x.Dropped)
		r.endRow()
	}
	r.endTable(len(a.Interfaces))
	s.warnings(a)
	return nil
}

// rooms tells how full the tables of devices and usage are, and what they had to give up.
func (s *Server) rooms(u *usage.Table) {
	r, d := &s.reply, u.Devices
	d.Lock()
	defer d.Unlock()
	known := 0
	for id := device.ID(0); int(id) < d.Cap(); id++ {
		if x := d.At(id); x != nil && x.Kind != device.Group && !x.Second() {
			known++
		}
	}
	stats := u.Stats()
	r.object("usage")
	r.number("devices", uint64(known))
	r.number("max_devices", uint64(d.Cap()-d.Groups()))
	r.number("devices_refused", d.Refused)
	r.number("devices_folded", d.Folded)
	r.number("cells", uint64(u.Cells()))
	r.number("max_cells", uint64(u.MaxCells()))
	r.number("cells_folded", stats.Folded)
	r.number("labels_refused", stats.Labels)
	if h := s.house.History(); h != nil {
		x := h.Stats()
		r.number("history_bytes", uint64(x.Bytes))
		r.number("history_damaged", uint64(x.Damaged))
	}
	r.close()
}

// seconds writes a time with microseconds.
func (r *reply) seconds(name string, t time.Duration) {
	r.name(name)
	r.b = strconv.AppendFloat(r.b, t.Seconds(), 'f', -1, 64)
}
