package bpf

import (
	"errors"
	"fmt"
	"time"

	"netifyd/core"
)

// Defaults and bounds of Config.
const (
	DefaultBufferBytes = 512 << 10 // FreeBSD's own bound, net.bpf.maxbufsize
	DefaultTimeout     = 100 * time.Millisecond
	DefaultSnapLength  = 65535

	maxSnapLength = 262144
	minSnapLength = 64
	minBuffer     = 4096
	maxBuffer     = 64 << 20
	maxName       = 15 // IFNAMSIZ less the zero (net/if.h)
)

// Config says what to capture and how. The zero value of a field is its default.
type Config struct {
	Interface   string        // device; required
	BufferBytes int           // of each of the kernel's two buffers; it gives less where net.bpf.maxbufsize is less
	Timeout     time.Duration // after which a buffer that is not full is given, and the longest that Next waits
	SnapLength  int           // bytes of a packet that the kernel copies, at most
	Promiscuous bool          // also frames to other machines, for as long as the device is open
	Filter      string        // in tcpdump's language, run by the kernel; empty: everything
	Await       bool          // wait for an interface that is not there yet: no error

	// Event is told of each change of the interface once, from within Next.
	Event func(core.Change)
}

func orDefault[T int | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// complete fills in defaults and says what cannot work.
func (c *Config) complete() error {
	orDefault(&c.BufferBytes, DefaultBufferBytes)
	orDefault(&c.Timeout, DefaultTimeout)
	orDefault(&c.SnapLength, DefaultSnapLength)
	switch {
	case c.Interface == "":
		return errors.New("no interface named")
	case len(c.Interface) > maxName:
		return fmt.Errorf("interface name %q is longer than %d bytes", c.Interface, maxName)
	case c.BufferBytes < minBuffer || c.BufferBytes > maxBuffer:
		return fmt.Errorf("buffer of %d bytes: use %d to %d", c.BufferBytes, minBuffer, maxBuffer)
	case c.Timeout < time.Millisecond || c.Timeout > time.Minute:
		return fmt.Errorf("timeout of %v: use 1 ms to 1 min", c.Timeout)
	case c.SnapLength < minSnapLength || c.SnapLength > maxSnapLength:
		return fmt.Errorf("snap length of %d bytes: use %d to %d", c.SnapLength, minSnapLength, maxSnapLength)
	}
	return nil
}
