package device

import (
	"bufio"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"netifyd/core/file"
)

// Bounds of a file that is read for names.
const (
	fileBytes = 64 << 10
	fileLines = 256
)

// Known is what a file says of a device: its hardware address or its IP address, and its name.
type Known struct {
	MAC  [6]byte // zero: known by Addr
	Addr netip.Addr
	Name string
	From Origin
}

// Files are the files that name devices. They belong to one goroutine, which
// is no shard: it reads files.
type Files struct {
	paths []string
	times []time.Time
	known []Known
}

// NewFiles takes paths. What a file is, its name says: ethers and hosts are
// those of /etc, dhcp is OpenWrt's configuration, *leases are dnsmasq's, all
// else has the form of hosts, as odhcpd's.
func NewFiles(paths []string) *Files {
	return &Files{paths: paths, times: make([]time.Time, len(paths))}
}

// Read looks whether a file changed, and if so gives the devices their names
// anew. It takes the lock of the table only while it gives them.
func (f *Files) Read(t *Table) {
	changed := false
	for i, path := range f.paths {
		var at time.Time
		if s, err := os.Stat(path); err == nil {
			at = s.ModTime()
		}
		if !at.Equal(f.times[i]) {
			f.times[i], changed = at, true
		}
	}
	if changed {
		f.known = f.known[:0]
		for _, path := range f.paths {
			f.known = readKnown(f.known, path)
		}
	}
	t.apply(f.known, changed)
}

// Names adds what files call devices, in lower case, also those that nobody saw yet.
func Names(dst map[string]bool, paths []string) {
	for _, path := range paths {
		for _, k := range readKnown(nil, path) {
			dst[strings.ToLower(makeName(k.From, []byte(k.Name)).String())] = true
		}
	}
}

// apply gives names; anew: what files said before does not hold any more.
func (t *Table) apply(known []Known, anew bool) {
	t.Lock()
	defer t.Unlock()
	var was []Name
	if anew {
		was = make([]Name, len(t.devices))
		for i := range t.devices {
			was[i] = t.devices[i].names[0]
			t.devices[i].uncall(FromFile)
			t.devices[i].uncall(FromStatic)
		}
	}
	for _, k := range known {
		id := t.Find(k.MAC)
		if k.MAC == ([6]byte{}) {
			id = t.byAddr(k.Addr)
		}
		d := t.At(id)
		if d == nil || d.Kind == Group {
			continue
		}
		if d.call(makeName(k.From, []byte(k.Name))) && !anew {
			t.note(Named, id)
		}
	}
	for i := range was {
		if d := &t.devices[i]; d.Kind != ByNothing && d.names[0] != was[i] {
			t.note(Named, ID(i))
		}
	}
}

// byAddr is the device that has an address. None: nobody.
func (t *Table) byAddr(a netip.Addr) ID {
	if !a.IsValid() {
		return None
	}
	key := a.Unmap().As16()
	if id := *t.slot(ByIP, &key); id != None {
		return id
	}
	if a = a.Unmap(); a.Is4() {
		var addr [16]byte
		b := a.As4()
		copy(addr[:], b[:])
		return t.holder(4, &addr)
	}
	return t.holder(6, &key)
}

// readKnown appends what a file says. One that is not there says nothing.
func readKnown(dst []Known, path string) []Known {
	f, err := file.Open(path)
	if err != nil {
		return dst
	}
	defer f.Close()
	return ReadKnown(dst, filepath.Base(path), f)
}

// ReadKnown appends what a file of a name says, its first 256 lines or 64 KiB.
func ReadKnown(dst []Known, base string, r io.Reader) []Known {
	line := hostsLine
	switch {
	case base == "ethers":
		line = ethersLine
	case base == "dhcp":
		return readUCI(dst, r)
	case strings.HasSuffix(base, "leases"):
		line = leaseLine
	}
	s := bufio.NewScanner(io.LimitReader(r, fileBytes))
	for n := 0; n < fileLines && s.Scan(); n++ {
		text, _, _ := strings.Cut(s.Text(), "#")
		if fields := strings.Fields(text); len(fields) > 1 {
			dst = line(dst, fields)
		}
	}
	return dst
}

// leaseLine reads a line of dnsmasq's leases: expiry, hardware address, address,
// name, client identifier; those of DHCPv6 have an identifier in place of the hardware address.
func leaseLine(dst []Known, f []string) []Known {
	if len(f) < 4 || f[3] == "*" {
		return dst
	}
	k := Known{Name: f[3], From: FromDHCP}
	if mac, ok := parseMAC(f[1]); ok {
		k.MAC = mac
	} else if a, err := netip.ParseAddr(f[2]); err == nil {
		k.Addr = a
	} else {
		return dst
	}
	return append(dst, k)
}

// ethersLine reads a line of ethers(5): hardware address and name.
func ethersLine(dst []Known, f []string) []Known {
	mac, ok := parseMAC(f[0])
	if _, err := netip.ParseAddr(f[1]); !ok || err == nil {
		return dst
	}
	return append(dst, Known{MAC: mac, Name: f[1], From: FromFile})
}

// hostsLine reads a line of hosts(5): address and names.
func hostsLine(dst []Known, f []string) []Known {
	a, err := netip.ParseAddr(f[0])
	if err != nil || a.IsLoopback() || a.IsMulticast() || a.IsUnspecified() {
		return dst
	}
	return append(dst, Known{Addr: a.WithZone(""), Name: f[1], From: FromFile})
}

// readUCI reads the sections "host" of OpenWrt's /etc/config/dhcp: the static leases.
func readUCI(dst []Known, r io.Reader) []Known {
	var macs []string
	var name string
	in := false
	done := func() {
		for _, text := range macs {
			if mac, ok := parseMAC(text); ok && name != "" {
				dst = append(dst, Known{MAC: mac, Name: name, From: FromStatic})
			}
		}
		macs, name = nil, ""
	}
	s := bufio.NewScanner(io.LimitReader(r, fileBytes))
	for s.Scan() {
		f := strings.Fields(s.Text())
		if len(f) > 1 && f[0] == "config" {
			done()
			in = unquoted(f[1]) == "host"
		}
		if !in || len(f) < 3 || f[0] != "option" && f[0] != "list" {
			continue
		}
		value := unquoted(strings.Join(f[2:], " "))
		switch unquoted(f[1]) {
		case "mac":
			macs = append(macs, strings.Fields(value)...)
		case "name":
			name = value
		}
	}
	done()
	return dst
}

func unquoted(s string) string { return strings.Trim(s, `'"`) }

func parseMAC(s string) (mac [6]byte, ok bool) {
	m, err := net.ParseMAC(s)
	if err != nil || len(m) != 6 {
		return mac, false
	}
	return [6]byte(m), true
}
