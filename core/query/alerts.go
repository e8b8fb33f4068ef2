package query

import (
	"net/netip"
	"strconv"

	"netifyd/core/alert"
	"netifyd/core/risk"
	"netifyd/core/usage"
)

func (s *Server) listAlerts(a args) error {
	since, err := a.number("since", 0)
	if err != nil {
		return err
	}
	p, err := a.page()
	if err != nil {
		return err
	}
	r := &s.reply
	var list []alert.Alert
	if ring := s.house.Alerts(); ring != nil {
		list = ring.Since(nil, uint32(min(since, 1<<32-1)), alert.Size)
		r.number("newest", uint64(ring.Newest()))
		s.house.Agent(&s.agent)
	}
	r.columns([]string{"number", "alert", "serious", "first", "last", "device", "name", "label", "value", "interface", "host"})
	total := len(list)
	if n := min(p.limit, len(list)); since > 0 {
		list = list[:n] // the next ones are asked for with the last number
	} else {
		list = list[len(list)-n:]
	}
	for i := range list {
		x := &list[i]
		address, name := s.nameOf(x.Device)
		r.row()
		r.num(uint64(x.Number))
		r.cell(x.Kind.String())
		r.flag(x.Kind.Serious())
		r.num(uint64(x.First))
		r.num(uint64(x.Last))
		r.cell(address)
		r.cell(name)
		r.cell(AlertLabel(x, s.apps.Tag))
		r.num(x.Value)
		r.cell(s.agent.interfaceName(int(x.Iface)))
		r.cell(AlertHost(x))
		if !r.endRow() {
			break
		}
	}
	r.endRows(total)
	return nil
}

// AlertLabel is what the label of an alert says: an application, a protocol, or
// the name of a risk; empty where it has none.
func AlertLabel(a *alert.Alert, tag func(uint32) string) string {
	switch {
	case a.Label == 0:
		return ""
	case a.Kind == alert.RiskFound:
		return risk.ID(a.Label).Name()
	case a.Kind == alert.ScanHosts || a.Kind == alert.SynUnanswered:
		return strconv.Itoa(int(a.Label))
	}
	return usage.Label(a.Label).Name(tag)
}

// AlertHost is the address that an alert is about; empty where it is about none.
func AlertHost(a *alert.Alert) string {
	if a.Host == [16]byte{} {
		return ""
	}
	return netip.AddrFrom16(a.Host).Unmap().String()
}

// interfaceName is that of an interface by its place, plus one; empty for none.
func (a *Agent) interfaceName(n int) string {
	if n < 1 || n > len(a.Interfaces) {
		return ""
	}
	return a.Interfaces[n-1].Name
}

// nameOf gives the address and the name of a device by its number; empty for none.
func (s *Server) nameOf(number uint32) (address, name string) {
	u := s.house.Usage()
	if u == nil || number == 0 {
		return "", ""
	}
	u.Devices.Lock()
	defer u.Devices.Unlock()
	id := u.Devices.ByNumber(number)
	if x := u.Devices.At(id); x != nil {
		name = x.Name()
	}
	return u.Devices.Text(id), name
}
