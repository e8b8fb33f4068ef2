package query

import (
	"netifyd/core/alert"
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
	}
	r.columns([]string{"number", "alert", "serious", "first", "last", "device", "name", "label", "value", "interface"})
	for i := range list[:min(p.limit, len(list))] {
		x := &list[i]
		address, name := s.nameOf(x.Device)
		label := ""
		if x.Label != 0 {
			label = usage.Label(x.Label).Name(s.apps.Tag)
		}
		r.row()
		r.num(uint64(x.Number))
		r.cell(x.Kind.String())
		r.flag(x.Kind.Serious())
		r.num(uint64(x.First))
		r.num(uint64(x.Last))
		r.cell(address)
		r.cell(name)
		r.cell(label)
		r.num(x.Value)
		r.num(uint64(x.Iface))
		if !r.endRow() {
			break
		}
	}
	r.endRows(len(list))
	return nil
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
