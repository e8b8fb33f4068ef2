package engine

import (
	"bytes"
	"io"
	"os"
)

// Where the kernel moves packets of known connections past the network stack
// (nft flow tables), no tap sees them. The connection table marks such
// connections (linux net/netfilter/nf_conntrack_standalone.c prints the marks).
const conntrackPath = "/proc/net/nf_conntrack"

var (
	markSoftware = []byte("[OFFLOAD]")
	markHardware = []byte("[HW_OFFLOAD]")
)

// offloadRead bounds what of the connection table is read each interval, about 3000 connections.
const offloadRead = 512 << 10

// offload looks for connections that the kernel has taken away from us. The
// file stays open, because privileges are dropped after the start.
type offload struct {
	path string
	file *os.File
	buf  []byte
}

// look gives "none", "software" or "hardware". Without the right to read the
// table, or where the kernel has none, that is "none".
func (o *offload) look() string {
	if o.file == nil {
		f, err := os.Open(o.path)
		if err != nil {
			return "none"
		}
		o.file, o.buf = f, make([]byte, 8<<10)
	}
	if _, err := o.file.Seek(0, io.SeekStart); err != nil {
		return "none"
	}
	found := "none"
	kept := 0 // bytes of the last read that may begin a mark
	for sum := 0; sum < offloadRead; {
		n, err := o.file.Read(o.buf[kept:])
		b := o.buf[:kept+n]
		if bytes.Contains(b, markHardware) {
			return "hardware"
		}
		if bytes.Contains(b, markSoftware) {
			found = "software"
		}
		if err != nil || n == 0 {
			break
		}
		sum += n
		kept = copy(o.buf, b[max(0, len(b)-len(markHardware)+1):])
	}
	return found
}

func (o *offload) close() {
	if o.file != nil {
		o.file.Close()
	}
}

// findOffload notes whether flows are offloaded, and says so when that changes.
func (e *Engine) findOffload(k *statusKeeper) {
	if e.opts.NoConntrack {
		return
	}
	was := k.last.Offload
	k.last.Offload = k.offload.look()
	if k.last.Offload != was && k.last.Offload != "none" {
		e.log.Warn().Str("offload", k.last.Offload).Msg("the kernel forwards established flows where no capture sees them: counters of those flows are too low; to count all, turn flow offloading off")
	}
}
