package query

import (
	"cmp"
	"errors"
	"sort"
	"strings"

	"netifyd/core/device"
	"netifyd/core/usage"
)

// hostRow is a name while devices are added up.
type hostRow struct {
	name   string
	device device.ID // None where several are added up
	label  usage.Label
	usage.Count
	before uint64
	cut    bool
}

func (x *hostRow) compare(y *hostRow) int {
	return cmp.Or(cmp.Compare(y.Sum(), x.Sum()), cmp.Compare(x.name, y.name), cmp.Compare(x.device, y.device))
}

// listHosts lists the names of servers with the most bytes.
func (s *Server) listHosts(a args) error {
	who, err := a.device()
	if err != nil {
		return err
	}
	app, err := a.text("application")
	if err != nil {
		return err
	}
	by, err := a.text("by")
	if err != nil {
		return err
	}
	if by != "" && by != "host" && by != "device,host" {
		return errors.New("by: want host, or device,host")
	}
	p, err := a.page()
	if err != nil {
		return err
	}
	u := s.house.Usage()
	if u == nil {
		return errNoUsage
	}
	rows, since, err := s.gatherHosts(u, who, strings.TrimPrefix(strings.ToLower(app), "netify."), by == "device,host")
	if err != nil {
		return err
	}
	r := &s.reply
	r.signed("now", s.house.Now()/1e9)
	r.signed("since", since)
	r.columns([]string{"host", "cut", "device", "name", "application", "protocol", "down", "up", "flows", "missing", "label"})
	for i := min(p.offset, len(rows)); i < min(p.offset+p.limit, len(rows)); i++ {
		x := &rows[i]
		address, name := s.deviceAt(u, x.device)
		id, ok := x.label.Protocol()
		if !ok {
			id = 0
		}
		r.row()
		r.cell(x.name)
		r.flag(x.cut)
		r.cell(address)
		r.cell(name)
		r.num(uint64(x.label.App()))
		r.num(uint64(id))
		r.num(x.Down)
		r.num(x.Up)
		r.num(uint64(x.Flows))
		r.num(x.before)
		r.cell(x.label.Name(s.apps.Tag))
		if !r.endRow() {
			break
		}
	}
	r.endRows(len(rows))
	return nil
}

// gatherHosts copies the names that are asked for, those of one device or of
// one application, and adds up devices where they shall not be told apart.
func (s *Server) gatherHosts(u *usage.Table, who, app string, apart bool) (rows []hostRow, since int64, err error) {
	d := u.Devices
	d.Lock()
	defer d.Unlock()
	one := device.None
	if who != "" {
		if one = findDevice(d, who); one == device.None {
			return nil, 0, noDevice(who)
		}
	}
	at := map[string]int{}
	since = u.Hosts(func(h *usage.Host) {
		if one != device.None && h.Device != one || app != "" && !strings.EqualFold(strings.TrimPrefix(h.Label.Name(s.apps.Tag), "netify."), app) {
			return
		}
		if !apart && one == device.None {
			h.Device = device.None
			if i, ok := at[string(h.Name)]; ok {
				x := &rows[i]
				x.Down, x.Up, x.Flows, x.before = x.Down+h.Down, x.Up+h.Up, x.Flows+h.Flows, x.before+h.Before
				return
			}
			at[string(h.Name)] = len(rows)
		}
		rows = append(rows, hostRow{string(h.Name), h.Device, h.Label, h.Count, h.Before, h.Cut})
	})
	sort.Slice(rows, func(i, j int) bool { return rows[i].compare(&rows[j]) < 0 })
	return rows, since, nil
}

// deviceAt gives the address and the name of the device at a place; empty for none.
func (s *Server) deviceAt(u *usage.Table, id device.ID) (address, name string) {
	if id == device.None {
		return "", ""
	}
	u.Devices.Lock()
	defer u.Devices.Unlock()
	if x := u.Devices.At(id); x != nil {
		address, name = u.Devices.Text(id), x.Name()
	}
	return address, name
}
