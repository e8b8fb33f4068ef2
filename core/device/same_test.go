package device

import (
	"strings"
	"testing"
)

// By the user's word two hardware addresses are one device, until it says otherwise.
func TestSame(t *testing.T) {
	d := New(Options{Devices: 8})
	var merged []ID
	d.Merge = func(from, to ID) { merged = append(merged, from, to) }
	a, _ := d.Of(&tablet, 4, v4("192.168.1.2"), true, 100)
	b, _ := d.Of(&laptop, 4, v4("192.168.1.3"), true, 101)
	c, _ := d.Of(&[6]byte{0, 9, 9, 9, 9, 9}, 4, v4("192.168.1.4"), true, 101)
	if err := d.Same(b, a); err != nil || len(merged) != 2 || merged[0] != b || merged[1] != a {
		t.Fatal(err, merged)
	}
	if err := d.Same(a, b); err == nil {
		t.Error("a device is the same as itself")
	}
	if err := d.Same(Others, a); err == nil {
		t.Error("a group is a device")
	}
	for addr, x := range map[string]*[6]byte{"192.168.1.3": &laptop, "192.168.1.9": &laptop, "192.168.1.2": &tablet} {
		if id, fresh := d.Of(x, 4, v4(addr), true, 102); id != a || fresh {
			t.Errorf("%s is %d", addr, id)
		}
	}
	d.Of(&laptop, 6, v6("2001:db8::7"), true, 103)
	if id := d.Far(&router, 6, v6("2001:db8::7"), 104); id == None {
		t.Error("nobody has the address")
	}
	if d.ByNumber(d.At(b).Number) != a {
		t.Error("records of the second are not the first's")
	}
	if err := d.Same(a, c); err != nil || d.Main(b) != c || d.Main(a) != c {
		t.Error("one that others are the same as takes them along", err, d.Main(b))
	}
	again := New(Options{Devices: 8})
	records, _ := d.Export(nil, func(b []byte, at int) []byte { again.Import(b[at+4:]); return b })
	if len(records) == 0 || again.Main(again.Find(laptop)) != again.Find([6]byte{0, 9, 9, 9, 9, 9}) {
		t.Error("it is not written down")
	}
	if err := d.Same(b, None); err != nil || d.Main(b) != b {
		t.Error(err)
	}
	d.At(c).Flows = 0
	d.Drop(c)
	if d.Main(a) != a {
		t.Error("it is the same as one that is gone")
	}
}

func TestFoldRandom(t *testing.T) {
	d := New(Options{Devices: 8})
	busy := None
	d.Busy = func(marks []bool) { marks[busy] = true }
	random := func(n byte) *[6]byte { return &[6]byte{2, 0, 0, 0, 1, n} }
	ids := map[byte]ID{}
	for n := byte(1); n <= 5; n++ {
		ids[n], _ = d.Of(random(n), 4, v4("192.168.1.9"), true, 100)
	}
	kept, _ := d.Of(&tablet, 4, v4("192.168.1.9"), true, 100)
	d.Rename(ids[1], "Ann's phone")
	d.At(ids[2]).Flows = 1
	busy = ids[3]
	d.Of(random(4), 4, v4("192.168.1.9"), true, 100+randomLife)
	d.Drain(nil)
	if n := d.FoldRandom(100 + randomLife); n != 0 {
		t.Errorf("%d went on the last day", n)
	}
	if n := d.FoldRandom(101 + randomLife); n != 1 || d.At(ids[5]) != nil {
		t.Errorf("%d went", n)
	}
	for _, id := range []ID{ids[1], ids[2], ids[3], ids[4], kept} {
		if d.At(id) == nil {
			t.Errorf("%d went", id)
		}
	}
	var news []string
	for _, n := range d.Drain(nil) {
		news = append(news, n.What.String())
	}
	if strings.Join(news, " ") != "gone" {
		t.Error(news)
	}
}
