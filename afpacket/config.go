// Package afpacket captures from a Linux network device through a TPACKET_V3
// ring (Linux: Documentation/networking/packet_mmap.rst), walked a block at a
// time, in pure Go; where the kernel refuses a ring, through recvmsg(2).
//
// A Source implements core.Source, and gopacket's ZeroCopyPacketDataSource so
// that other programs can use the ring too.
package afpacket

import (
	"errors"
	"fmt"
	"os"
	"time"

	"netifyd/core"
)

// Methods of reading, for Config.Method.
const (
	Auto   = "auto"   // the ring, or the socket where the kernel refuses a ring
	Ring   = "ring"   // the ring or an error
	Socket = "socket" // recvmsg(2)
)

// Defaults and bounds of Config.
const (
	DefaultRingBytes  = 2 << 20
	DefaultBlockBytes = 128 << 10
	DefaultTimeout    = 100 * time.Millisecond
	DefaultWait       = 250 * time.Millisecond
	DefaultSnapLength = 65535

	maxRingBytes  = 1 << 30 // the kernel counts bytes in 32 bits, and a 32-bit process has to map it
	maxSnapLength = 262144  // as tcpdump's largest
	minSnapLength = 64      // Ethernet, a tag, IPv6 and the ports
	maxName       = 15      // IFNAMSIZ less the zero (linux/if.h)
)

// Config says what to capture and how. The zero value of a field is its default.
type Config struct {
	Interface   string        // device; required
	Method      string        // Auto, Ring or Socket
	RingBytes   int           // of the whole ring; with Socket of the receive buffer
	BlockBytes  int           // of one block of the ring: a multiple of the page size
	Timeout     time.Duration // after which a block that is not full is given; whole milliseconds
	Wait        time.Duration // the longest that Next waits
	SnapLength  int           // bytes of a packet that the kernel copies, at most
	Promiscuous bool          // also frames to other machines, for as long as the socket is open
	Filter      string        // in tcpdump's language, run by the kernel; empty: everything
	Shunt       int           // directions of flows that the kernel may count by itself (core.Shunter); 0: none
	Keep        *Keep         // where programs of closed sources wait for this one, and its own for later ones; nil: they are closed
	Await       bool          // wait for an interface that is not there yet: no error

	// Stop, if closed, ends OpenShards early: the kernel may take half a second for a large ring.
	Stop <-chan struct{}
	// Event is told of each change of the interface once, from within Next.
	Event func(core.Change)

	fanout *group // of sockets that share the packets; nil: none
	shard  int    // which of them this is
}

// AncillaryVLAN is given in CaptureInfo.AncillaryData for a packet whose
// 802.1Q tag was taken out of its bytes.
type AncillaryVLAN struct {
	VLAN int // tag control information: priority, drop eligible, identifier
}

func orDefault[T int | time.Duration | string](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// complete fills in defaults and says what cannot work.
func (c *Config) complete() error {
	orDefault(&c.Method, Auto)
	orDefault(&c.BlockBytes, max(DefaultBlockBytes, os.Getpagesize()))
	orDefault(&c.RingBytes, max(DefaultRingBytes, 2*c.BlockBytes)/c.BlockBytes*c.BlockBytes)
	orDefault(&c.Timeout, DefaultTimeout)
	orDefault(&c.Wait, DefaultWait)
	orDefault(&c.SnapLength, DefaultSnapLength)
	page := os.Getpagesize()
	switch {
	case c.Interface == "":
		return errors.New("no interface named")
	case len(c.Interface) > maxName:
		return fmt.Errorf("interface name %q is longer than %d bytes", c.Interface, maxName)
	case c.Method != Auto && c.Method != Ring && c.Method != Socket:
		return fmt.Errorf("capture method %q: use %q, %q or %q", c.Method, Auto, Ring, Socket)
	case c.BlockBytes < page || c.BlockBytes%page != 0:
		return fmt.Errorf("ring block of %d bytes: use a multiple of the page size, %d", c.BlockBytes, page)
	case c.RingBytes < 2*c.BlockBytes:
		return fmt.Errorf("ring of %d bytes: use at least two blocks, %d", c.RingBytes, 2*c.BlockBytes)
	case c.RingBytes%c.BlockBytes != 0:
		return fmt.Errorf("ring of %d bytes is not a whole number of blocks of %d: use %d",
			c.RingBytes, c.BlockBytes, c.RingBytes/c.BlockBytes*c.BlockBytes)
	case c.RingBytes > maxRingBytes:
		return fmt.Errorf("ring of %d bytes: use at most %d", c.RingBytes, maxRingBytes)
	case c.Timeout < time.Millisecond || c.Timeout > time.Minute:
		return fmt.Errorf("block timeout of %v: use 1 ms to 1 min", c.Timeout)
	case c.Wait < time.Millisecond:
		return fmt.Errorf("wait of %v: use at least 1 ms", c.Wait)
	case c.SnapLength < minSnapLength || c.SnapLength > maxSnapLength:
		return fmt.Errorf("snap length of %d bytes: use %d to %d", c.SnapLength, minSnapLength, maxSnapLength)
	}
	return nil
}
