package afpacket

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// device is what the kernel says of an interface.
type device struct {
	index  int
	flags  uint16 // IFF_*
	hatype uint16 // ARPHRD_*
}

func (d device) up() bool { return d.flags&unix.IFF_UP != 0 }

// shape of the device's frames. Links other than Ethernet are read cooked: some
// drivers give a link header and some do not (PPP), some have none (tun,
// WireGuard), and none of them is needed to read IP.
func (d device) shape() shape {
	switch d.hatype {
	case unix.ARPHRD_ETHER:
		return shape{link: core.LinkEthernet}
	case unix.ARPHRD_LOOPBACK:
		return shape{link: core.LinkEthernet, loopback: true}
	}
	return shape{link: core.LinkRaw, cooked: true}
}

// lookup asks for a device by name. It works without any capability.
func lookup(name string) (device, error) {
	// A UNIX socket does for these ioctls, and is always compiled in.
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return device{}, fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(fd)
	var d device
	for _, ask := range []struct {
		request uint
		take    func(*unix.Ifreq)
	}{
		{unix.SIOCGIFINDEX, func(r *unix.Ifreq) { d.index = int(r.Uint32()) }},
		{unix.SIOCGIFFLAGS, func(r *unix.Ifreq) { d.flags = r.Uint16() }},
		{unix.SIOCGIFHWADDR, func(r *unix.Ifreq) { d.hatype = r.Uint16() }},
	} {
		request, err := unix.NewIfreq(name)
		if err != nil {
			return device{}, fmt.Errorf("interface name %q: %w", name, err)
		}
		if err := unix.IoctlIfreq(fd, ask.request, request); err != nil {
			return device{}, fmt.Errorf("interface %s: %w", name, err)
		}
		ask.take(request)
	}
	return d, nil
}

// explain turns the error of opening into one that says what to do.
func explain(c *Config, err error) error {
	switch {
	case errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return fmt.Errorf("no interface %q: there is %s: %w", c.Interface, strings.Join(names(), ", "), unix.ENODEV)
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return fmt.Errorf("AF_PACKET not permitted: run as root or grant CAP_NET_RAW: %w", err)
	case errors.Is(err, unix.EAFNOSUPPORT):
		return fmt.Errorf("the kernel has no AF_PACKET (CONFIG_PACKET): on OpenWrt install kmod-packet, elsewhere modprobe af_packet: %w", err)
	}
	return fmt.Errorf("capture on %s: %w", c.Interface, err)
}

// names of the interfaces in this network namespace. /proc/net belongs to the
// process's namespace, where /sys/class/net belongs to whoever mounted it.
func names() []string {
	text, err := os.ReadFile("/proc/net/dev")
	if err != nil {
		return []string{"no list (" + err.Error() + ")"}
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		if name, _, ok := strings.Cut(line, ":"); ok {
			found = append(found, strings.TrimSpace(name))
		}
	}
	if found == nil {
		return []string{"none"}
	}
	return found
}
