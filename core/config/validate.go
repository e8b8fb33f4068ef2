package config

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"netifyd/core"
	"netifyd/core/calendar"
	"netifyd/core/proto"
	"netifyd/core/risk"
)

const (
	defaultPort    = 7150 // of netifyd
	defaultMode    = 0o660
	defaultDialect = "3"
	maxSocketPath  = len(syscall.RawSockaddrUnix{}.Path) - 1 // bytes; unix(7): sun_path ends in a zero
	maxDevice      = 15                                      // bytes; netdevice(7): IFNAMSIZ is 16 with the closing zero
)

// Validate says everything that is wrong, as Errors without file and line; nil
// if c can be run.
func (c *Config) Validate() error { return c.check().orNil() }

func (c *Config) check() Errors {
	v := &checker{c: c}
	v.ranges()
	if len(v.errs) == 0 {
		v.capture()
	}
	v.interfaces()
	v.usage()
	v.listeners()
	v.flows()
	v.detection()
	return v.errs
}

type checker struct {
	c    *Config
	errs Errors
}

func (v *checker) fail(key, format string, args ...any) {
	v.errs = append(v.errs, &Error{Key: key, Text: fmt.Sprintf(format, args...)})
}

func (v *checker) ranges() {
	for k := range Options {
		o := &Options[k]
		for i := range Count(v.c, o.Table) {
			if err := o.check(v.c, i); err != nil {
				v.fail(elementKey(o, i), "%v", err)
			}
		}
	}
	for _, p := range []struct{ key, value string }{{"agent.uuid_path", v.c.UUIDPath}, {"agent.volatile_dir", v.c.VolatileDir}} {
		if p.value == "" {
			v.fail(p.key, "%s is empty: want a path", p.key)
		}
	}
	v.apart("agent.uuid_path", "agent.uuid_path", v.c.UUIDPath)
}

// apart holds that a path is none that the agent itself writes to.
func (v *checker) apart(key, name, path string) {
	dir, file := filepath.Split(filepath.Clean(path))
	if filepath.Clean(dir) != filepath.Clean(v.c.VolatileDir) {
		return
	}
	if own := strings.TrimSuffix(file, ".new"); own == PIDFile || own == StatusFile || file == ControlSocket {
		v.fail(key, "%s is %q: the agent has a file of its own there; take another name", name, path)
	}
}

func elementKey(o *Option, i int) string {
	if Repeated(o.Table) {
		return fmt.Sprintf("%s[%d].%s", o.Table, i, o.Name)
	}
	return o.Key()
}

// capture checks what the kernel asks of a TPACKET_V3 ring
// (Documentation/networking/packet_mmap.rst): blocks of whole pages.
func (v *checker) capture() {
	c := v.c.Capture
	page := os.Getpagesize()
	if c.BlockKB*1024%page != 0 {
		v.fail("capture.block", "capture.block is %s: want a multiple of the page size, %s", sizeText(c.BlockKB), sizeText(page/1024))
		return
	}
	if c.RingKB%c.BlockKB != 0 || c.RingKB < 2*c.BlockKB {
		v.fail("capture.ring", "capture.ring is %s: want a multiple of capture.block, which is %s, and at least twice that",
			sizeText(c.RingKB), sizeText(c.BlockKB))
		v.errs[len(v.errs)-1].other = "capture.block"
	}
}

func (v *checker) interfaces() {
	seen := map[string]bool{}
	v.exclude("capture.exclude", "capture.exclude", v.c.Capture.Exclude)
	if n := len(v.c.Interfaces); n > MaxInterfaces {
		v.fail(fmt.Sprintf("interface[%d]", MaxInterfaces), "%d interfaces: use at most %d", n, MaxInterfaces)
	}
	for i := range v.c.Interfaces {
		f := &v.c.Interfaces[i]
		key := func(name string) string { return fmt.Sprintf("interface[%d].%s", i, name) }
		switch id := f.Name + "," + f.File; {
		case f.Name == "":
			v.fail(key("name"), "interface.name is missing: want the name of a device")
		case f.File == "" && !isDevice(f.Name):
			v.fail(key("name"), "interface.name is %q: want the name of a device, at most %d bytes without blank or slash", f.Name, maxDevice)
		case seen[id]:
			v.fail(key("name"), "interface %s is there twice: leave one out", f.Name)
		default:
			seen[id] = true
		}
		if f.Peer != "" && (!isDevice(f.Peer) || f.Peer == f.Name) {
			v.fail(key("peer"), "interface.peer is %q: want the name of another device", f.Peer)
		}
		v.exclude(key("exclude"), "interface.exclude", f.Exclude)
		for _, a := range f.Addresses {
			if !isNetwork(a) {
				v.fail(key("addresses"), "interface.addresses holds %q: want addresses such as 192.0.2.1 or prefixes such as 192.0.2.0/24", a)
			}
		}
	}
}

func (v *checker) exclude(key, name string, list []string) {
	for _, text := range list {
		if _, ok := excluded(text, true); !ok {
			v.fail(key, "%s holds %q: want addresses such as 192.0.2.1, prefixes such as 192.0.2.0/24, or MAC addresses", name, text)
		}
	}
}

func (v *checker) usage() {
	if _, err := calendar.NewClock(v.c.Rules.Timezone, "1"); err != nil {
		v.fail("actions.timezone", "actions.timezone: %v", err)
	}
	if _, err := calendar.NewClock(v.c.Usage.Timezone, "1"); err != nil {
		v.fail("usage.timezone", "usage.timezone: %v", err)
	} else if _, err := calendar.NewClock(v.c.Usage.Timezone, v.c.Usage.Period); err != nil {
		v.fail("usage.period", "usage.period: %v", err)
	}
	for _, text := range v.c.Usage.Exclude {
		if m, err := net.ParseMAC(text); err != nil || len(m) != 6 {
			v.fail("usage.exclude", "usage.exclude holds %q: want MAC addresses such as 02:00:00:00:00:01", text)
		}
	}
}

func isDevice(s string) bool {
	return s != "" && len(s) <= maxDevice && s != "." && s != ".." && printable(s) && !strings.ContainsAny(s, "/ ")
}

func isNetwork(s string) bool {
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

func (v *checker) listeners() {
	if len(v.c.Listeners) == 0 {
		v.fail("listen", "no listener: give at least one [[listen]] with a path or a port")
	}
	for i := range v.c.Listeners {
		l := &v.c.Listeners[i]
		key := fmt.Sprintf("listen[%d]", i)
		switch {
		case l.Path == "" && !l.tcp():
			v.fail(key, "listener without a place: want path, or address and port")
		case l.Path != "" && l.tcp():
			v.fail(key, "listener with both path and address or port: want one of them; write two [[listen]] for both")
		case l.hasPort():
			v.fail(key+".address", "listen.address is %q: want the address alone, without brackets; the port is listen.port", l.Address)
		case len(l.Path) > maxSocketPath:
			v.fail(key+".path", "listen.path has %d bytes: want at most %d", len(l.Path), maxSocketPath)
		case strings.HasPrefix(l.Path, "@"):
			v.fail(key+".path", "listen.path is %q: want a path in the file system, since its permissions say who may connect", l.Path)
		default:
			v.apart(key+".path", "listen.path", l.Path)
			v.clash(key, l, v.c.Listeners[:i])
		}
		v.allow(key+".allow", l)
		for _, name := range l.Kinds {
			if _, ok := core.ParseKind(name); !ok {
				v.fail(key+".kinds", "listen.kinds holds %q: want some of %s", name, strings.Join(core.KindNames(), ", "))
			}
		}
	}
	if n := len(v.c.Listeners); v.c.Clients < n {
		v.fail("clients.max", "clients.max is %d: want at least one place for each listener, and there are %d", v.c.Clients, n)
	}
}

func (v *checker) allow(key string, l *Listener) {
	if l.Path != "" && len(l.Allow) > 0 {
		v.fail(key, "listen.allow is for TCP: who may open a UNIX socket is said by listen.mode and listen.group")
		return
	}
	for _, a := range l.Allow {
		if !isNetwork(a) {
			v.fail(key, "listen.allow holds %q: want addresses such as 192.0.2.1 or prefixes such as 192.0.2.0/24", a)
		}
	}
}

func (v *checker) clash(key string, l *Listener, others []Listener) {
	for j := range others {
		switch o := &others[j]; {
		case (o.Path != "") == o.tcp(): // said to be wrong already
		case o.String() == l.String():
			v.fail(key, "listener %s is there twice: leave one out", l)
			return
		case l.takesPortOf(o):
			v.fail(key, "listener %s wants the same port as %s: leave one out or change a port", l, o)
			return
		}
	}
}

func (l *Listener) tcp() bool { return l.Address != "" || l.Port != 0 }

// hasPort says that somebody wrote the port behind the address.
func (l *Listener) hasPort() bool {
	if _, err := netip.ParseAddr(l.Address); err == nil {
		return false
	}
	return strings.Contains(l.Address, ":")
}

func (l *Listener) port() uint16 {
	if l.Port == 0 {
		return defaultPort
	}
	return l.Port
}

// String is the path, or address and port with their defaults.
func (l *Listener) String() string {
	if l.Path != "" {
		return l.Path
	}
	return net.JoinHostPort(l.Address, strconv.Itoa(int(l.port())))
}

// takesPortOf says whether one of two TCP listeners stands for all addresses,
// and so takes the port from the other.
func (l *Listener) takesPortOf(o *Listener) bool {
	return l.tcp() && o.tcp() && l.port() == o.port() && (l.anyAddress() || o.anyAddress())
}

// Reaches says that others than this machine can reach the listener.
func (l *Listener) Reaches() bool {
	a, err := netip.ParseAddr(l.Address)
	return l.Path == "" && l.Address != "localhost" && (err != nil || !a.IsLoopback())
}

func (l *Listener) anyAddress() bool {
	return l.Address == "" || l.Address == "::" || l.Address == "0.0.0.0"
}

func (v *checker) flows() {
	if v.c.IdleClosed > v.c.IdleTCP {
		v.fail("flows.idle_closed", "flows.idle_closed is %s: want no more than flows.idle_tcp, which is %s",
			durationText(v.c.IdleClosed), durationText(v.c.IdleTCP))
		v.errs[len(v.errs)-1].other = "flows.idle_tcp"
	}
}

func (v *checker) detection() {
	v.risks()
	for _, name := range v.c.DisabledProtocols {
		if id, ok := proto.Parse(name); !ok || id == 0 {
			v.fail("detection.disabled", "detection.disabled holds %q: %s", name, hintProtocol(name))
		}
	}
}

// risks checks the names of risks.
func (v *checker) risks() {
	for _, name := range v.c.DisabledRisks {
		if id, ok := risk.Parse(name); !strings.EqualFold(name, "all") && (!ok || id == 0) {
			v.fail("detection.disabled_risks", "detection.disabled_risks holds %q: want a name or a number as netifyd dump-risks lists it, or all", name)
		}
	}
}

func hintProtocol(name string) string {
	var names []string
	proto.All(func(_ proto.ID, n string) { names = append(names, n) })
	if best := Nearest(name, names); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "want a protocol as netifyd dump-protos lists it"
}

// Resolve fills in what depends on other settings: the capture method and the
// group of each interface, the port, mode and dialect of each listener. c must
// be valid. Doing it again changes nothing.
func (c *Config) Resolve() {
	for i := range c.Interfaces {
		f := &c.Interfaces[i]
		if f.Capture == "" {
			f.Capture = c.Capture.Method
		}
		if f.Group == "" {
			f.Group = "lan"
			if f.Role == WAN {
				f.Group = f.Name
			}
		}
	}
	for i := range c.Listeners {
		l := &c.Listeners[i]
		if l.Path == "" && l.Port == 0 {
			l.Port = defaultPort
		}
	}
}
