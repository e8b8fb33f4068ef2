package filter

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"netifyd/core"
)

// expressions that tcpdump and we understand alike.
var expressions = []string{
	"ip", "ip6", "arp", "rarp", "tcp", "udp", "icmp", "icmp6", "igmp", "sctp", "esp", "ah", "vrrp", "pim",
	"host 10.0.0.1", "src host 10.0.0.1", "dst host 10.0.0.2", "src 10.0.0.1", "src or dst host 10.0.0.2", "src and dst host 10.0.0.1", "dst and src 10.0.0.1",
	"ip host 10.0.0.1", "arp host 10.0.0.1", "rarp host 10.0.0.1", "ip6 host 2001:db8::1", "host 2001:db8::1", "dst host ff02::1", "src fe80::1",
	"net 10.0.0.0/8", "net 10", "net 10.0", "net 192.168.7", "src net 10.0.0.0/31", "net 172.16.0.0 mask 255.240.0.0", "net 10.0.0.1/32", "net 0.0.0.0/0",
	"net 2001:db8::/32", "src net 2001:db8:1::/48", "net 2001:db8::/47", "net ff00::/8", "ip6 net 2001:db8::/64", "arp net 192.168.0.0/16", "net ::/0",
	"port 53", "port 80", "src port 53", "dst port 53", "tcp port 53", "udp port 53", "udp dst port 53", "sctp port 80", "src and dst port 5353", "port domain", "port https",
	"portrange 50-100", "tcp portrange 400-500", "udp src portrange 1-1023", "portrange 100-50", "portrange 53-53",
	"port 53 or 80", "port 53 or 80 or 443", "tcp port (80 or 443)", "port (53 or (80 or 443))", "dst port 53 or src port 80", "host 10.0.0.1 and not 10.0.0.2", "not port 53 and not port 80",
	"tcp dst port 80 or 443 and host 192.168.7.9", "host (10.0.0.1 or 192.168.7.9)", "src host 10.0.0.1 or 192.168.7.9",
	"tcp and port 80", "tcp or udp and port 53", "tcp or (udp and port 53)", "not tcp", "!tcp && !udp", "not (tcp or udp)", "ip and not icmp || arp", "not not tcp",
	"proto 6", "ip proto 17", "ip proto \\tcp", "ip6 proto 58", "ip6 proto \\udp", "proto \\sctp", "ip proto 47", "proto 0",
	"len > 100", "len <= 60", "less 60", "greater 100", "len = 54", "len - 14 > 100", "100 > len",
	"tcp[13] & 2 != 0", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "tcp[tcpflags] == tcp-syn", "tcp[13] = 0x12", "tcp[0:2] = 80", "udp[0:2] > 1023", "icmp[icmptype] == icmp-echo", "icmp[0] = 3 and icmp[1] = 1",
	"ip[8] = 64", "ip[0] & 0xf > 5", "ip[6:2] & 0x1fff != 0", "ip[2:2] > 100", "ip[16] >= 224", "ip6[6] = 17", "ip6[40:2] = 53", "icmp6[0] = 134", "icmp6[icmp6type] == icmp6-echo", "arp[7] = 1", "arp[6:2] = 2",
	"tcp[(tcp[12] >> 4) * 4] = 65", "tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x41424344", "tcp and ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0",
	"ip[0] * 2 > ip[8]", "ip[9] % 2 = 0", "ip[8] / ip[9] = 10", "ip[12] ^ ip[16] = 0", "ip[0] | 1 = ip[0]", "(ip[0] & 15) * 4 = 20", "1 + 2 * 3 = 7", "0x10 = 020 and tcp",
	"ip6[7] - 1 = ip6[7] + -1", "tcp[2:2] = 80 or tcp[0:2] = 80", "((tcp))", "((port 53))", "(tcp[13] & 2 != 0) or udp", "not tcp[13] & 2 != 0", "ip multicast", "ip6 multicast",
	"ip[ip[9]] = 0", "udp[udp[4]] > 1", "tcp[tcp[12]>>4] = 0", "ip6[ip6[7]-24] = 0",
}

// onEthernet are further ones for links with addresses of their own.
var onEthernet = []string{
	"ether host 02:00:00:00:00:01", "ether src 02:00:00:00:00:02", "ether dst host 02:00:00:00:00:02", "ether dst ff:ff:ff:ff:ff:ff", "ether broadcast", "broadcast", "ether multicast", "multicast",
	"ether proto 0x88cc", "ether proto \\ip", "ether proto \\arp", "ether proto 0x86dd", "ether[0] & 1 = 0 and ip[16] >= 224", "ether[12:2] = 0x88cc", "link[0] = 2", "ether[ether[5]] = 0", "pppoed",
	"vlan", "vlan 100", "vlan 101", "vlan 7", "vlan and tcp", "vlan 100 and udp port 53", "vlan and ip6", "vlan 7 and vlan 101", "vlan and vlan", "vlan and vlan and port 80", "not vlan", "vlan and not ip",
	"vlan and host 10.0.0.1", "vlan and tcp[13] = 2", "vlan and ip[9] = 17", "vlan and tcp[(tcp[12] >> 4) * 4 - 18] = 64", "vlan and ip[ip[9]] = 0", "tcp or vlan and tcp", "vlan 100 or vlan 7 and vlan 101", "vlan and net 2001:db8::/32",
	"pppoes", "pppoes 5", "pppoes and ip", "pppoes 5 and tcp port 80", "pppoes and ip6 and udp", "pppoes and tcp[13] & 8 != 0", "vlan and pppoes and port 53",
}

var onCooked = []string{"inbound", "outbound and tcp", "ether proto 0x88cc", "arp or rarp"}

// TestAsTcpdump holds every expression's result over every sample against tcpdump's.
func TestAsTcpdump(t *testing.T) {
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skip("needs tcpdump: ", err)
	}
	for _, l := range []struct {
		name string
		link core.LinkType
		more []string
	}{
		{"ethernet", core.LinkEthernet, onEthernet}, {"raw", core.LinkRaw, nil}, {"null", core.LinkNull, nil}, {"ppp", core.LinkPPP, nil},
		{"sll", core.LinkLinuxSLL, onCooked}, {"sll2", core.LinkLinuxSLL2, onCooked},
	} {
		t.Run(l.name, func(t *testing.T) {
			var packets [][]byte
			for i, s := range samples() {
				if p := s.onLink(l.link, i); p != nil {
					packets = append(packets, p)
				}
			}
			file := filepath.Join(t.TempDir(), "samples.pcap")
			if err := os.WriteFile(file, pcap(l.link, packets), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, e := range slices.Concat(expressions, l.more) {
				compare(t, file, l.link, packets, e)
			}
		})
	}
}

func compare(t *testing.T, file string, link core.LinkType, packets [][]byte, expr string) {
	t.Helper()
	var out, said bytes.Buffer
	c := exec.Command("tcpdump", "-r", file, "-w", "-", expr)
	c.Stdout, c.Stderr = &out, &said
	refused := c.Run() != nil
	program, err := Compile(expr, Options{Link: link, SnapLength: 1000})
	if err != nil && strings.Contains(err.Error(), "no packet") && (refused || len(numbers(out.Bytes())) == 0) {
		return // tcpdump refuses only some of those that cannot match
	}
	if refused || err != nil {
		if refused != (err != nil) {
			t.Errorf("%q: we say %v, tcpdump says %s", expr, err, said.String())
		}
		return
	}
	acceptable(t, program)
	var got []uint32
	for i, p := range packets {
		switch execute(t, program, packet{data: p, tag: -1}) {
		case 1000:
			got = append(got, uint32(i))
		case 0:
		default:
			t.Errorf("%q: not the snap length", expr)
		}
	}
	if want := numbers(out.Bytes()); !slices.Equal(got, want) {
		t.Errorf("%q: packets %v, by tcpdump %v", expr, got, want)
	}
}

// pcap writes packets whose times are their numbers, in the classic form.
func pcap(link core.LinkType, packets [][]byte) []byte {
	order := binary.LittleEndian
	b := order.AppendUint32(nil, 0xa1b2c3d4)
	b = order.AppendUint16(order.AppendUint16(b, 2), 4)
	for _, v := range []uint32{0, 0, 65535, uint32(link)} {
		b = order.AppendUint32(b, v)
	}
	for i, p := range packets {
		for _, v := range []uint32{uint32(i), 0, uint32(len(p)), uint32(len(p))} {
			b = order.AppendUint32(b, v)
		}
		b = append(b, p...)
	}
	return b
}

// numbers of the packets in such a file.
func numbers(b []byte) (list []uint32) {
	for b = b[24:]; len(b) >= 16; {
		list = append(list, binary.LittleEndian.Uint32(b))
		b = b[16+binary.LittleEndian.Uint32(b[8:]):]
	}
	return list
}

// TestTagBesideThePacket holds programs for live capture to the same answers
// whether the tag is in the bytes or was taken out by the kernel.
func TestTagBesideThePacket(t *testing.T) {
	const link = core.LinkEthernet
	for _, e := range slices.Concat(expressions, onEthernet) {
		if !strings.Contains(e, "vlan") {
			continue
		}
		inFile, err := Compile(e, Options{Link: link})
		if err != nil {
			t.Fatalf("%q: %v", e, err)
		}
		live, err := Compile(e, Options{Link: link, Metadata: true})
		if err != nil {
			t.Fatalf("%q: %v", e, err)
		}
		acceptable(t, live)
		if !strings.HasPrefix(e, "vlan") && e != "not vlan" {
			continue // what stands before "vlan" sees through a tag that was taken out
		}
		for i, s := range samples() {
			whole := packet{data: s.ether(), tag: -1}
			want := execute(t, inFile, whole)
			if got := execute(t, live, whole); got != want {
				t.Errorf("%q, packet %d, tag within: %d, not %d", e, i, got, want)
			}
			if (s.kind == 0x8100 || s.kind == 0x88a8 || s.kind == 0x9100) && len(whole.data) > 18 {
				out := packet{data: cat(whole.data[:12], whole.data[16:]), tag: int(binary.BigEndian.Uint16(whole.data[14:]))}
				if got := execute(t, live, out); got != want {
					t.Errorf("%q, packet %d, tag taken out: %d, not %d", e, i, got, want)
				}
			}
		}
	}
}

func TestDirection(t *testing.T) {
	for expr, want := range map[string][2]bool{"outbound": {true, false}, "inbound": {false, true}, "outbound and tcp": {true, false}} {
		program, err := Compile(expr, Options{Link: core.LinkEthernet, Metadata: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, outgoing := range []bool{true, false} {
			if got := execute(t, program, packet{samples()[0].ether(), -1, outgoing}) != 0; got != want[i] {
				t.Errorf("%s, outgoing %v: %v", expr, outgoing, got)
			}
		}
	}
}

// TestGuards: where tcpdump's guards get lost, a load still matches only what has the header.
func TestGuards(t *testing.T) {
	for expr, of := range map[string]string{"-ip[0] = 0xffffffbb": "ip[0] = 0x45", "ip[2:2] - tcp[0:2] != 1": "tcp and ip and ip[6:2] & 0x1fff = 0", "1 < tcp[0:2] + ip[0]": "tcp and ip"} {
		var got [2][]int
		for k, e := range []string{expr, of} {
			program, err := Compile(e, Options{Link: core.LinkEthernet})
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range samples()[:34] {
				if execute(t, program, packet{s.ether(), -1, false}) != 0 {
					got[k] = append(got[k], i)
				}
			}
		}
		if len(got[0]) == 0 || !slices.Equal(got[0], got[1]) {
			t.Errorf("%q: %v, but %q: %v", expr, got[0], of, got[1])
		}
	}
}

func TestEmpty(t *testing.T) {
	for expr, snap := range map[string]int{"": 96, "  \t": 0} {
		program, err := Compile(expr, Options{Link: core.LinkRaw, SnapLength: snap})
		if err != nil || len(program) != 1 {
			t.Fatalf("%v %v", program, err)
		}
		if want := map[int]uint32{0: everything, 96: 96}[snap]; execute(t, program, packet{}) != want {
			t.Errorf("snap length %d: %v", snap, program)
		}
	}
}

// TestLongJumps makes a filter whose ends are further away than a jump reaches.
func TestLongJumps(t *testing.T) {
	for _, join := range []string{" or ", " and "} {
		var tests []string
		for i := range 60 {
			tests = append(tests, "not host 10.7.0."+string(rune('0'+i%10))+" and not port "+string(rune('1'+i%9))+"00")
		}
		program, err := Compile("tcp and ("+strings.Join(tests, join)+")", Options{Link: core.LinkEthernet, SnapLength: 9})
		if err != nil {
			t.Fatal(err)
		}
		acceptable(t, program)
		if len(program) < 2*farthestJump {
			t.Errorf("%d instructions are no test", len(program))
		}
		for i, s := range samples()[:12] {
			if got := execute(t, program, packet{s.ether(), -1, false}) == 9; got != (i < 6) {
				t.Errorf("%q: packet %d: %v", join, i, got)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		expr   string
		column int
		text   string
	}{
		{"host example.com", 6, "names are not looked up"},
		{"tcp port", 9, "the filter ends"},
		{"tcp port 80 443", 13, `"443" where "and" or "or"`},
		{"port 70000", 6, "no port"},
		{"port nosuch", 6, "no port"},
		{"portrange 1-nosuch", 11, `"nosuch" is no port`},
		{"icmp port 5", 11, "has no ports"},
		{"tcp host 10.0.0.1", 10, `cannot follow "tcp"`},
		{"ip host 2001:db8::1", 9, `cannot follow "ip"`},
		{"net 10.0.0.1/8", 5, "the network is 10.0.0.0/8"},
		{"net 10.0.0.0/33", 14, "prefix length"},
		{"net 10.0.0.0 mask 255.0.255.0", 19, "mask without holes"},
		{"host 10.0.0.0/8", 6, "use net"},
		{"host 02:00:00:00:00:01", 6, "use ether host"},
		{"ether host 10.0.0.1", 12, "no Ethernet address"},
		{"10.0.0.1", 1, "needs a word before it"},
		{"tcp and", 8, "the filter ends"},
		{"and tcp", 1, ""},
		{"(tcp", 5, `")"`},
		{"tcp)", 4, `"and" or "or"`},
		{"tcp[13", 7, `"]"`},
		{"tcp[13:3] = 1", 8, "1, 2 or 4"},
		{"tcp[13] &", 10, "the filter ends"},
		{"tcp[13] & 2", 12, "a comparison"},
		{"(tcp[13] & 2", 13, ""},
		{"foo[1] = 2", 1, "no bytes"},
		{"ip[0] / 0 = 1", 7, "division by zero"},
		{"ip[0] << 32 = 1", 7, "shift"},
		{"mpls", 1, "not supported"},
		{"gateway x", 1, "not supported"},
		{"tcp $ udp", 5, "means nothing"},
		{"tcp and é", 9, "\"é\" means nothing"},
		{"ip broadcast", 4, "mask"},
		{"vlan 5000", 6, "0 to 4095"},
		{"proto 300", 7, "no IP protocol"},
		{"ether proto 5", 13, "no Ethernet type"},
		{"less than", 6, "number of bytes"},
		{"inbound", 1, "direction"},
		{"tcp and not tcp", 0, ""},
		{strings.Repeat("(", 300) + "tcp", 201, "more than"},
		{strings.Repeat("not ", 300) + "tcp", 801, "more than"},
		{strings.Repeat("port 1 or ", 900) + "port 2", 1, "instructions"},
		{"src tcp", 5, "a value"},
		{"ip 10.0.0.1", 4, "between them"},
		{"\\ tcp", 1, "backslash"},
	} {
		_, err := Compile(c.expr, Options{Link: core.LinkEthernet})
		var e *Error
		if c.column == 0 {
			if err != nil {
				t.Errorf("%q: %v", c.expr, err)
			}
		} else if !errors.As(err, &e) || e.Column != c.column || !strings.Contains(e.Text, c.text) {
			t.Errorf("%.40q: %v, not column %d: …%s…", c.expr, err, c.column, c.text)
		}
	}
	for expr, link := range map[string]core.LinkType{"arp": core.LinkRaw, "ether host 02:00:00:00:00:01": core.LinkRaw, "vlan": core.LinkRaw, "multicast": core.LinkRaw, "tcp": 9999} {
		if _, err := Compile(expr, Options{Link: link}); err == nil {
			t.Errorf("%q on link type %d: no error", expr, link)
		}
	}
}

// FuzzCompile: whatever is written, there is an error with a place or a program that kernels take.
func FuzzCompile(f *testing.F) {
	for _, e := range slices.Concat(expressions, onEthernet, onCooked) {
		f.Add(e, true)
	}
	list := samples()
	f.Fuzz(func(t *testing.T, expr string, live bool) {
		program, err := Compile(expr, Options{Link: core.LinkEthernet, Metadata: live})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Column < 1 || e.Column > len(expr)+1 {
				t.Fatalf("%q: %v", expr, err)
			}
			return
		}
		acceptable(t, program)
		for _, s := range list {
			execute(t, program, packet{data: s.ether(), tag: 5})
		}
	})
}
