package device

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netifyd/core/proto"
)

// dhcp is a message of a client.
func dhcp(op byte, client [6]byte, yours [4]byte, options ...[]byte) []byte {
	m := make([]byte, dhcpFixed+4)
	m[0], m[1], m[2] = op, 1, 6
	copy(m[16:], yours[:])
	copy(m[28:], client[:])
	binary.BigEndian.PutUint32(m[dhcpFixed:], dhcpCookie)
	for _, o := range options {
		m = append(m, o[0], byte(len(o)-1))
		m = append(m, o[1:]...)
	}
	return append(m, 255)
}

func option(code byte, text string) []byte { return append([]byte{code}, text...) }

func labels(name string) (b []byte) {
	for _, l := range strings.Split(name, ".") {
		b = append(append(b, byte(len(l))), l...)
	}
	return append(b, 0)
}

type record struct {
	owner string
	kind  uint16
	data  []byte
}

func response(questions []string, records ...record) []byte {
	m := binary.BigEndian.AppendUint16([]byte{0, 0, 0x84, 0, 0, byte(len(questions))}, uint16(len(records)))
	m = append(m, 0, 0, 0, 0)
	for _, q := range questions {
		m = append(append(m, labels(q)...), 0, 1, 0, 1)
	}
	for _, r := range records {
		m = append(m, labels(r.owner)...)
		m = binary.BigEndian.AppendUint16(m, r.kind)
		m = append(m, 0x80, 1, 0, 0, 0, 120)
		m = binary.BigEndian.AppendUint16(m, uint16(len(r.data)))
		m = append(m, r.data...)
	}
	return m
}

func netbios(opcode byte, name string, suffix byte, group bool) []byte {
	m := []byte{0, 1, opcode << 3, 0x10, 0, 1, 0, 0, 0, 0, 0, 1, 32}
	for i := range 16 {
		c := byte(' ')
		if i == 15 {
			c = suffix
		} else if i < len(name) {
			c = name[i]
		}
		m = append(m, 'A'+c>>4, 'A'+c&15)
	}
	m = append(m, 0, 0, 0x20, 0, 1, 0xc0, 12, 0, 0x20, 0, 1, 0, 0, 0, 0, 0, 6, 0, 0, 192, 168, 1, 2)
	if group {
		m[len(m)-6] = 0x80
	}
	return m
}

var (
	own    = []byte{192, 168, 1, 2}
	others = []byte{192, 168, 1, 77}
)

var heard = []struct {
	what    string
	proto   proto.ID
	payload []byte
	name    string
	from    Origin
	kind    string
}{
	{"host name", proto.DHCP, dhcp(1, laptop, [4]byte{}, option(12, "Anns-Laptop"), option(60, "MSFT 5.0")), "Anns-Laptop", FromDHCP, "windows"},
	{"parameters", proto.DHCP, dhcp(1, laptop, [4]byte{}, option(55, "\x01\x79\x03\x06\x0f\x77\xfc\x5f")), "", FromNobody, "apple"},
	{"full name as DNS", proto.DHCP, dhcp(1, laptop, [4]byte{}, append([]byte{81, 4, 0, 0}, labels("desk.example.org")...)), "desk", FromDHCP, ""},
	{"full name as text", proto.DHCP, dhcp(1, laptop, [4]byte{}, append([]byte{81, 0, 0, 0}, "desk.example.org"...)), "desk", FromDHCP, ""},
	{"name cut short", proto.DHCP, dhcp(1, laptop, [4]byte{}, []byte{12, 'a', 'b'})[:dhcpFixed+4+3], "", FromNobody, ""},
	{"another's request", proto.DHCP, dhcp(1, tablet, [4]byte{}, option(12, "x")), "", FromNobody, ""},
	{"a server's answer", proto.DHCP, dhcp(2, laptop, [4]byte{192, 168, 1, 2}, option(12, "told")), "told", FromDHCP, ""},
	{"escape sequences", proto.DHCP, dhcp(1, laptop, [4]byte{}, option(12, "\x1b[31mred\u202e\n")), "[31mred", FromDHCP, ""},
	{"DHCPv6", proto.DHCPv6, append([]byte{1, 0, 0, 1, 0, 39, 0, 6, 0}, append([]byte{4}, "host"...)...), "host", FromDHCP, ""},
	{"mDNS", proto.MDNS, response(nil, record{"Anns-TV.local", typeA, own}, record{"_airplay._tcp.local", typePTR, labels("Ann._airplay._tcp.local")}), "Anns-TV", FromMDNS, "tv"},
	{"mDNS of another", proto.MDNS, response(nil, record{"reflected.local", typeA, others}), "", FromNobody, ""},
	{"mDNS question", proto.MDNS, append([]byte{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, append(labels("x.local"), 0, 1, 0, 1)...), "", FromNobody, ""},
	{"LLMNR", proto.LLMNR, response([]string{"wks"}, record{"wks", typeA, own}), "wks", FromNetBIOS, ""},
	{"NetBIOS", proto.NETBIOS, netbios(5, "WORKSTATION", 0, false), "WORKSTATION", FromNetBIOS, ""},
	{"NetBIOS group", proto.NETBIOS, netbios(5, "WORKGROUP", 0, true), "", FromNobody, ""},
	{"NetBIOS query", proto.NETBIOS, netbios(0, "SERVER", 0x20, false), "", FromNobody, ""},
	{"SSDP", proto.SSDP, []byte("HTTP/1.1 200 OK\r\nST: x\r\nSERVER: Linux UPnP/1.0 Sonos/29.3\r\n\r\n"), "", FromNobody, "speaker"},
}

func listening(t testing.TB) (*Table, ID) {
	d := New(Options{Devices: 4})
	rules, warnings := LoadRules("")
	if len(warnings) > 0 {
		t.Fatal(warnings)
	}
	d.SetRules(rules)
	id, _ := d.Of(&laptop, 4, v4("192.168.1.2"), true, 100)
	return d, id
}

func TestNamesThatDevicesSay(t *testing.T) {
	for _, c := range heard {
		d, id := listening(t)
		d.Hear(c.proto, &laptop, 4, v4("192.168.1.2"), c.payload, 100)
		dev := d.At(id)
		kind, why := d.Type(dev)
		if dev.Name() != c.name || dev.From() != c.from || kind != c.kind || (why == "") != (kind == "") {
			t.Errorf("%s: %q from %s, %q since %q; want %q from %s, %q", c.what, dev.Name(), dev.From(), kind, why, c.name, c.from, c.kind)
		}
	}
}

// Cut anywhere, a message is read without harm, and says no more than the whole.
func TestEveryPrefix(t *testing.T) {
	for _, c := range heard {
		for n := range len(c.payload) {
			d, id := listening(t)
			d.Hear(c.proto, &laptop, 4, v4("192.168.1.2"), c.payload[:n:n], 100)
			if name := d.At(id).Name(); !strings.HasPrefix(c.name, name) {
				t.Errorf("%s cut at %d: %q", c.what, n, name)
			}
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	d, _ := listening(t)
	addr := v4("192.168.1.2")
	for _, c := range heard {
		if n := testing.AllocsPerRun(20, func() { d.Hear(c.proto, &laptop, 4, addr, c.payload, 100) }); n > 0 {
			t.Errorf("%s: %v allocations", c.what, n)
		}
	}
}

// A better origin wins, whatever comes first; a name of the same origin takes its place.
func TestOrderOfNames(t *testing.T) {
	d, id := listening(t)
	for _, c := range []struct {
		from       Origin
		text       string
		best, next string
	}{
		{FromNetBIOS, "NB", "NB", ""},
		{FromDHCP, "dhcp", "dhcp", "NB"},
		{FromMDNS, "mdns", "dhcp", "mdns"},
		{FromNetBIOS, "NB2", "dhcp", "mdns"},
		{FromDHCP, "dhcp2.example.org", "dhcp2", "mdns"},
		{FromUser, "Ann's TV, 4.OG", "Ann's TV, 4.OG", "dhcp2"},
		{FromStatic, "static", "Ann's TV, 4.OG", "static"},
	} {
		d.name(id, c.from, []byte(c.text))
		if n := d.At(id).Names(); n[0].String() != c.best || n[1].String() != c.next {
			t.Errorf("after %s: %q %q", c.text, n[0].String(), n[1].String())
		}
	}
	d.Rename(id, "")
	if d.At(id).Name() != "static" {
		t.Error(d.At(id).Name())
	}
	d.Rename(id, strings.Repeat("ä", 40))
	if s := d.At(id).Name(); s != strings.Repeat("ä", 16) {
		t.Error(s)
	}
}

func TestFiles(t *testing.T) {
	d, id := listening(t)
	other, _ := d.Of(&tablet, 6, v6("2001:db8::5"), true, 100)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	f := NewFiles([]string{
		write("dhcp", "config dnsmasq\n\toption name 'no'\nconfig host\n\toption name 'static-name'\n\tlist mac '02:00:00:00:00:01'\n\toption ip '192.168.1.2'\n"),
		write("dhcp.leases", "1700000000 02:00:00:00:00:01 192.168.1.2 leased 01:02\n1700000000 00:11:22:00:00:02 192.168.1.3 * *\nduid 00:01\n1 2 2001:db8::5 six 00\n"),
		write("ethers", "# comment\n02:00:00:00:00:01 ether-name\n00:11:22:00:00:02 192.168.1.3\n"),
		write("hosts", "127.0.0.1 localhost\n2001:db8::5 hosts-name alias\n"),
		filepath.Join(dir, "missing"),
	})
	f.Read(d)
	if a, b := d.At(id).Names(), d.At(other).Names(); a[0].String() != "static-name" || a[1].String() != "leased" || b[0].String() != "six" || b[1].String() != "hosts-name" {
		t.Error(a[0].String(), a[1].String(), b[0].String(), b[1].String())
	}
	os.Remove(filepath.Join(dir, "dhcp"))
	f.Read(d)
	if d.At(id).Name() != "leased" {
		t.Error(d.At(id).Name())
	}
}

func TestRules(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "own.conf"), []byte("mdns:_ipp = plotter\nbad line\ndhcp60:a*b = x\nua: *Quux = robot # comment\n"), 0o644)
	rules, warnings := LoadRules(dir)
	if len(warnings) != 2 || !strings.Contains(warnings[0], "own.conf:2: ") || !strings.Contains(warnings[1], "own.conf:3: ") {
		t.Error(warnings)
	}
	d, id := listening(t)
	d.SetRules(rules)
	for _, c := range []struct {
		by    evidence
		value string
		kind  string
	}{
		{byMDNS, "_IPP", "plotter"}, {byAgent, "the quux", "plotter"}, {byAgent, "Mozilla/5.0 (Windows NT 10.0)", "plotter"}, {byDHCP60, "MSFT 5.0", "windows"},
	} {
		d.weigh(id, c.by, []byte(c.value))
		d.weigh(id, c.by, []byte(c.value))
		if kind, _ := d.Type(d.At(id)); kind != c.kind {
			t.Errorf("after %s: %s, want %s", c.value, kind, c.kind)
		}
	}
}

func FuzzHear(f *testing.F) {
	for _, c := range heard {
		f.Add(uint16(c.proto), c.payload)
	}
	d, _ := listening(f)
	addr := v4("192.168.1.2")
	f.Fuzz(func(t *testing.T, p uint16, payload []byte) {
		d.Hear(proto.ID(p), &laptop, 4, addr, payload, 100)
	})
}

func FuzzFiles(f *testing.F) {
	f.Add("dhcp", "config host\n\toption name 'a'\n\tlist mac '02:00:00:00:00:01'\n")
	f.Add("x.leases", "1 02:00:00:00:00:01 192.168.1.2 name *\n")
	f.Add("hosts", "::1 a\n")
	f.Fuzz(func(t *testing.T, base, text string) {
		if n := len(ReadKnown(nil, base, strings.NewReader(text))); n > 64<<10 {
			t.Error(n)
		}
	})
}
