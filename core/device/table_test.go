package device

import (
	"net/netip"
	"strings"
	"testing"
	"unsafe"
)

var (
	laptop = [6]byte{0x02, 0, 0, 0, 0, 1}
	tablet = [6]byte{0x00, 0x11, 0x22, 0, 0, 2}
	router = [6]byte{0x00, 0x11, 0x22, 0, 0, 0xfe}
)

func v4(text string) *[16]byte {
	var a [16]byte
	b := netip.MustParseAddr(text).As4()
	copy(a[:], b[:])
	return &a
}

func v6(text string) *[16]byte {
	a := netip.MustParseAddr(text).As16()
	return &a
}

// deviceBudget is what a device costs (bytes, 2026-11-30).
const deviceBudget = 188

func TestSizeOfADevice(t *testing.T) {
	if n := unsafe.Sizeof(Device{}); n > deviceBudget {
		t.Errorf("a device takes %d bytes, the budget is %d", n, deviceBudget)
	}
}

// One device is one hardware address, whatever its addresses are.
func TestOneDeviceIsOneMAC(t *testing.T) {
	d := New(Options{Devices: 4})
	a, fresh := d.Of(&laptop, 4, v4("192.168.1.2"), true, 100)
	if !fresh {
		t.Error("not new")
	}
	for _, addr := range []string{"fe80::1", "2001:db8::1", "2001:db8::2", "fe80::1"} {
		if id, fresh := d.Of(&laptop, 6, v6(addr), true, 101); id != a || fresh {
			t.Errorf("%s is another device: %d", addr, id)
		}
	}
	var have []string
	for _, x := range d.At(a).Addresses(nil) {
		have = append(have, x.String())
	}
	if s := strings.Join(have, " "); s != "192.168.1.2 fe80::1 2001:db8::2 2001:db8::1" {
		t.Error(s)
	}
	if d.At(a).Flags&Randomised == 0 || d.Text(a) != "02:00:00:00:00:01" {
		t.Error(d.At(a).Flags, d.Text(a))
	}
}

func TestBehindThisMachine(t *testing.T) {
	d := New(Options{Devices: 8})
	d.SetOwn(Own{MACs: [][6]byte{router}, Addrs: []netip.Addr{netip.MustParseAddr("192.168.1.1")}})
	a, _ := d.Of(&laptop, 4, v4("192.168.1.2"), true, 100)
	for _, c := range []struct {
		mac  [6]byte
		addr string
		ours bool
		want ID
	}{
		{router, "192.168.1.1", true, Self},
		{router, "192.168.1.2", true, a}, // routed from another network of ours
		{[6]byte{}, "192.168.1.2", true, a},
		{router, "203.0.113.9", false, Others},
		{[6]byte{1, 0, 0x5e, 0, 0, 1}, "0.0.0.0", true, Others},
	} {
		if id, _ := d.Of(&c.mac, 4, v4(c.addr), c.ours, 100); id != c.want {
			t.Errorf("%s is %d, want %d", c.addr, id, c.want)
		}
	}
	for addr, want := range map[string]ID{"192.168.1.2": a, "192.168.1.1": Self, "192.168.100.1": None} { // the last is a modem's
		if id := d.Far(&router, 4, v4(addr), 100); id != want {
			t.Errorf("far %s is %d, want %d", addr, id, want)
		}
	}
	b, fresh := d.Of(&[6]byte{}, 4, v4("10.8.0.2"), true, 100)
	if !fresh || d.Text(b) != "10.8.0.2" || d.At(b).Kind != ByIP {
		t.Error(b, d.Text(b))
	}
	if id, fresh := d.Of(&[6]byte{0, 9, 9, 9, 9, 9}, 4, v4("10.8.0.2"), true, 101); id != b || fresh || d.Text(b) != "00:09:09:09:09:09" || d.Find([6]byte{0, 9, 9, 9, 9, 9}) != b {
		t.Errorf("a device that shows its hardware address is another: %d, %s", id, d.Text(id))
	}
	d.SetExclude([][6]byte{tablet})
	if id, _ := d.Of(&tablet, 4, v4("192.168.1.3"), true, 100); id != Others {
		t.Error("an excluded device is told apart")
	}
}

// A full table lets go of the one unseen for longest that nobody will miss.
func TestWhoGoes(t *testing.T) {
	d := New(Options{Devices: 3})
	busy := None
	d.Busy = func(marks []bool) { marks[busy] = true }
	var left []ID
	d.Leave = func(id ID) { left = append(left, id) }
	mac := func(n byte) *[6]byte { return &[6]byte{0, 1, 2, 3, 4, n} }
	ids := map[byte]ID{}
	for n := byte(1); n <= 3; n++ {
		ids[n], _ = d.Of(mac(n), 4, v4("192.168.1.9"), true, uint32(n))
	}
	d.Rename(ids[1], "tv")
	busy = ids[2]
	if id, _ := d.Of(mac(4), 4, v4("192.168.1.9"), true, 10); id != Others || d.Refused != 1 {
		t.Errorf("all are online: %d", id)
	}
	if id, _ := d.Of(mac(5), 4, v4("192.168.1.9"), true, 1000); id != ids[3] || len(left) != 1 || left[0] != ids[3] || d.Find(*mac(3)) != None || d.Find(*mac(5)) != id {
		t.Errorf("%d has gone, %v", id, left)
	}
	d.At(ids[3]).Flows = 1
	if id, _ := d.Of(mac(6), 4, v4("192.168.1.9"), true, 5000); id != Others {
		t.Errorf("%d has a name, bytes or flows", id)
	}
	var news []string
	for _, n := range d.Drain(nil) {
		news = append(news, n.What.String())
	}
	if s := strings.Join(news, " "); s != "new new named gone new" {
		t.Error(s)
	}
	if len(d.Drain(nil)) > 0 {
		t.Error("told twice")
	}
}

func TestByIP(t *testing.T) {
	d := New(Options{Devices: 4, ByIP: true})
	a, _ := d.Of(&laptop, 4, v4("192.168.1.2"), true, 100)
	b, _ := d.Of(&laptop, 4, v4("192.168.1.3"), true, 100)
	if a == b || d.Text(b) != "192.168.1.3" {
		t.Error(a, b, d.Text(b))
	}
}

// What belongs to no device is counted with the others, and not as if the table were full.
func TestNobodyIsNotRefused(t *testing.T) {
	d := New(Options{Devices: 4})
	d.SetOwn(Own{MACs: [][6]byte{{2, 0, 0, 0, 0, 1}}})
	d.Lock()
	defer d.Unlock()
	if id, _ := d.Of(&[6]byte{}, 4, v4("0.0.0.0"), false, 1); id != Others {
		t.Errorf("place %d", id)
	}
	if id, _ := d.Of(&[6]byte{}, 4, v4("198.51.100.9"), false, 1); id != Others {
		t.Errorf("place %d", id)
	}
	if d.Refused != 0 {
		t.Errorf("%d flows found no place in an empty table", d.Refused)
	}
}

// Before the clock is known there is room as well.
func TestRoomBeforeTheClock(t *testing.T) {
	d := New(Options{Devices: 4})
	if id, fresh := d.Of(&laptop, 4, v4("192.168.1.2"), true, 0); id < firstID || !fresh || d.Refused != 0 {
		t.Errorf("device %d, %d refused", id, d.Refused)
	}
}
