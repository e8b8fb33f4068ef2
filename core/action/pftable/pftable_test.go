package pftable

import (
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"netifyd/core/action"
)

// TestLayout holds our structures to those of FreeBSD, as its compiler lays
// them out on machines of 64 and of 32 bits.
func TestLayout(t *testing.T) {
	size, buffer, number := uintptr(1104), uintptr(1064), uintptr(0xc4504443)
	if unsafe.Sizeof(uintptr(0)) == 4 {
		size, number = 1100, 0xc44c4443
	}
	var p pfioc
	for _, c := range []struct {
		name      string
		got, want uintptr
	}{
		{"struct pfr_table", unsafe.Sizeof(table{}), 1064},
		{"pfrt_name", unsafe.Offsetof(p.table.name), 1024},
		{"pfrt_flags", unsafe.Offsetof(p.table.flags), 1056},
		{"pfrt_fback", unsafe.Offsetof(p.table.fed), 1060},
		{"struct pfr_addr", unsafe.Sizeof(addr{}), 20},
		{"pfra_af", unsafe.Offsetof(addr{}.family), 16},
		{"pfra_fback", unsafe.Offsetof(addr{}.fed), 19},
		{"struct pfioc_table", unsafe.Sizeof(p), size},
		{"pfrio_buffer", unsafe.Offsetof(p.buffer), buffer},
		{"pfrio_esize", unsafe.Offsetof(p.esize), size - 32},
		{"pfrio_nadd", unsafe.Offsetof(p.added), size - 20},
		{"pfrio_flags", unsafe.Offsetof(p.flags), size - 8},
		{"DIOCRADDADDRS", request(addAddrs), number},
		{"DIOCRADDTABLES", request(addTables), number - 6},
	} {
		if c.got != c.want {
			t.Errorf("%s is %#x, want %#x", c.name, c.got, c.want)
		}
	}
}

// fake is a table of pf, as pf(4) says that it behaves.
type fake struct {
	there bool
	most  int
	list  map[netip.Addr]bool
}

func (d *fake) do(number uintptr, p *pfioc) error {
	switch {
	case number == addTables && !d.there:
		d.there, p.added = true, 1
		fallthrough
	case number == addTables:
		return nil
	case number == delTables:
		d.there, d.list = false, map[netip.Addr]bool{}
		return nil
	}
	if strings.TrimRight(string(p.table.name[:]), "\x00") != "b" || p.esize != 20 {
		return syscall.EINVAL
	}
	if !d.there {
		return syscall.ESRCH
	}
	list := unsafe.Slice((*addr)(p.buffer), p.size)
	at := func(a *addr) netip.Addr {
		if a.family == inet6 {
			return netip.AddrFrom16(a.address)
		}
		return netip.AddrFrom4([4]byte(a.address[:4]))
	}
	switch number {
	case addAddrs:
		for i := range list {
			a := at(&list[i])
			if list[i].fed = 0; !d.list[a] {
				if len(d.list) >= d.most {
					return syscall.ENOMEM
				}
				d.list[a], list[i].fed = true, fedAdded
			}
		}
	case delAddrs:
		for i := range list {
			delete(d.list, at(&list[i]))
		}
	case getAddrs:
		if int(p.size) < len(d.list) {
			p.size = int32(len(d.list))
			return nil
		}
		n := 0
		for a := range d.list {
			list[n] = addr{family: inet, bits: 32}
			if a.Is6() {
				list[n].family, list[n].bits = inet6, 128
			}
			copy(list[n].address[:], a.AsSlice())
			n++
		}
		p.size = int32(n)
	}
	return nil
}

func (d *fake) close() error { return nil }

func (d *fake) String() string {
	var s []string
	for a := range d.list {
		s = append(s, a.String())
	}
	slices.Sort(s)
	return strings.Join(s, " ")
}

func flow(n byte) *action.Subject {
	return &action.Subject{Local: [16]byte{192, 168, 1, n}, Other: [16]byte{10, 0, 0, n}, OtherPort: 443, Transport: 6}
}

func six() *action.Subject {
	return &action.Subject{V6: true, Other: [16]byte{0x20, 1, 0xd, 0xb8, 15: 1}}
}

func all(ttl uint32, flows ...*action.Subject) func(func(*action.Subject, uint32) bool) {
	return func(yield func(*action.Subject, uint32) bool) {
		for _, f := range flows {
			if !yield(f, ttl) {
				return
			}
		}
	}
}

func start(t *testing.T, s Settings, d *fake) *Target {
	t.Helper()
	if d.list == nil {
		d.list = map[netip.Addr]bool{}
	}
	if d.most == 0 {
		d.most = 1000
	}
	s.Table = "b"
	if err := s.complete(); err != nil {
		t.Fatal(err)
	}
	return open(s, d)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestTable: what others put there stays, what flows share stays until the last is gone.
func TestTable(t *testing.T) {
	d := &fake{there: true, list: map[netip.Addr]bool{netip.MustParseAddr("10.0.0.9"): true}}
	x := start(t, Settings{Empty: true}, d)
	ok(t, x.Sync(all(0, flow(1), flow(9))))
	for _, f := range []*action.Subject{flow(1), six(), flow(2)} {
		ok(t, x.Add(f, 0))
	}
	ok(t, x.Remove(flow(1)))
	ok(t, x.Remove(flow(9)))
	ok(t, x.Flush())
	if got := d.String(); got != "10.0.0.1 10.0.0.2 10.0.0.9 2001:db8::1" {
		t.Error(got)
	}
	ok(t, x.Remove(flow(1)))
	ok(t, x.Add(flow(1), 0)) // in one batch
	ok(t, x.Remove(six()))
	ok(t, x.Flush())
	if got := d.String(); got != "10.0.0.1 10.0.0.2 10.0.0.9" {
		t.Error(got)
	}
	delete(d.list, netip.MustParseAddr("10.0.0.1")) // somebody meddles
	ok(t, x.Sync(all(0, flow(1), flow(3))))
	if got := d.String(); got != "10.0.0.1 10.0.0.3 10.0.0.9" {
		t.Error(got)
	}
	ok(t, x.Close())
	if got := d.String(); got != "10.0.0.9" {
		t.Errorf("left: %s", got)
	}
}

func TestTimes(t *testing.T) {
	d := &fake{there: true}
	x := start(t, Settings{Family: "ipv4", Address: "local_addr"}, d)
	ok(t, x.Sync(all(0)))
	ok(t, x.Add(flow(1), 60))
	ok(t, x.Add(six(), 60))
	ok(t, x.Add(flow(2), 0))
	ok(t, x.Flush())
	if got := d.String(); got != "192.168.1.1 192.168.1.2" {
		t.Error(got)
	}
	x.start = x.start.Add(-61e9)
	ok(t, x.Flush())
	if got := d.String(); got != "192.168.1.2" {
		t.Error(got)
	}
}

// TestHold: what is held for a time stays through a Sync, until Purge.
func TestHold(t *testing.T) {
	d := &fake{there: true}
	x := start(t, Settings{Hold: true}, d)
	ok(t, x.Sync(all(0)))
	ok(t, x.Add(flow(1), 60)) // it ends, and nobody says so
	ok(t, x.Add(flow(2), 60))
	ok(t, x.Flush())
	for range 2 {
		ok(t, x.Sync(all(60, flow(2))))
		if got := d.String(); got != "10.0.0.1 10.0.0.2" {
			t.Errorf("after a sync: %s", got)
		}
	}
	x.Purge()
	ok(t, x.Sync(all(60, flow(2))))
	if got := d.String(); got != "10.0.0.2" {
		t.Errorf("after a purge: %s", got)
	}
}

// TestManaged: the table is made, and what a killed agent left goes where the table is the agent's alone.
func TestManaged(t *testing.T) {
	d := &fake{list: map[netip.Addr]bool{netip.MustParseAddr("10.0.0.9"): true}}
	x := start(t, Settings{Managed: true, Alone: true}, d)
	ok(t, x.Sync(all(0, flow(1))))
	if got := d.String(); !d.there || got != "10.0.0.1" {
		t.Error(got)
	}
}

func TestRefused(t *testing.T) {
	d := &fake{}
	x := start(t, Settings{}, d)
	if err := x.Sync(all(0, flow(1))); err == nil || !strings.Contains(err.Error(), "table <b> persist") {
		t.Error(err)
	}
	ok(t, x.Add(flow(1), 0)) // it waits for the table
	d.there, d.most = true, 1
	if err := x.Sync(all(0, flow(1), flow(2))); err == nil || !strings.Contains(err.Error(), "table-entries") {
		t.Error(err)
	}
	y := start(t, Settings{Common: action.Common{Most: 1}}, &fake{there: true})
	if err := y.Sync(all(0, flow(1), flow(2))); err == nil || !strings.Contains(err.Error(), "raise size") {
		t.Error(err)
	}
	for _, c := range []struct {
		s    Settings
		want string
	}{{Settings{}, "1 to 31 letters"}, {Settings{Table: "b", Anchor: "/a"}, "without /"}, {Settings{Table: "b", Family: "x"}, "take ipv4"}, {Settings{Table: "b", Address: "other_mac"}, "take local_addr"}} {
		if err := c.s.complete(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.s, err)
		}
	}
}

func TestMany(t *testing.T) {
	d := &fake{there: true, most: 100000}
	x := start(t, Settings{Common: action.Common{Most: 5000}}, d)
	ok(t, x.Sync(all(0)))
	for n := range 20000 {
		f := flow(1)
		f.Other = [16]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}
		_ = x.Add(f, 0)
	}
	ok(t, x.Flush())
	if n := x.Count(); n.Elements != 5000 || n.Refused != 15000 || len(d.list) != 5000 {
		t.Errorf("%+v, %d in the table", n, len(d.list))
	}
}
