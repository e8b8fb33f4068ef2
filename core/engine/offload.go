package engine

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"

	"netifyd/core"
	"netifyd/core/conntrack"
)

// Where the kernel moves packets of known connections past the network stack
// (nft flow tables), no tap sees them. The connection table marks such
// connections (linux net/netfilter/nf_conntrack_standalone.c prints the marks).
const conntrackPath = "/proc/net/nf_conntrack"

var (
	markSoftware = []byte("[OFFLOAD]")
	markHardware = []byte("[HW_OFFLOAD]")
	mark         = []byte("OFFLOAD]") // either
)

// offloadRead bounds what of the connection table is read each interval, about 3000 connections.
const offloadRead = 512 << 10

// offloadBuffer is how much of it is read at once.
const offloadBuffer = 8 << 10

// offload looks for connections that the kernel has taken away from us, and
// takes over what it counted of them. The file stays open, because privileges
// are dropped after the start. It belongs to whoever holds the status.
type offload struct {
	path string
	file *os.File
	buf  []byte

	table *conntrack.Table // where the text is not to be had

	conn        connection
	connections ledger[known] // by their first tuple, group 0
	given       ledger[given] // records that were found
	since       int64         // every connection offloaded before is in the ledger

	uncounted bool // a marked connection had no counters
	unpaid    bool // and this was said
}

// look gives "none", "software" or "hardware", and each whole line of the
// table to the function. The error says that the text is not to be had.
func (o *offload) look(each func(line []byte)) (found string, err error) {
	if o.file == nil {
		f, err := os.Open(o.path)
		if err != nil {
			return "", err
		}
		o.file, o.buf = f, make([]byte, offloadBuffer)
	}
	if _, err := o.file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	found = "none"
	kept := 0 // bytes of the last read that begin a line
	for sum := 0; ; {
		n, err := o.file.Read(o.buf[kept:])
		b := o.buf[:kept+n]
		if bytes.Contains(b, markHardware) {
			found = "hardware"
		} else if found == "none" && bytes.Contains(b, markSoftware) {
			found = "software"
		}
		if err != nil || n == 0 {
			return found, nil
		}
		if sum += n; sum >= offloadRead {
			o.blind()
			return found, nil
		}
		for end := bytes.IndexByte(b, '\n'); end >= 0; end = bytes.IndexByte(b, '\n') {
			each(b[:end])
			b = b[end+1:]
		}
		if len(b) == len(o.buf) { // no line is so long, but a mark may begin at its end
			b = b[len(b)-len(markHardware)+1:]
		}
		kept = copy(o.buf, b)
	}
}

// netlinkRead is offloadRead for netlink, about as many connections.
const netlinkRead = 1 << 20

// ask is look by netlink: for an agent that is not root but has CAP_NET_ADMIN.
// Where the kernel has a table and tells nobody, that is "unknown".
func (e *Engine) ask(o *offload, has bool) string {
	none := map[bool]string{false: "none", true: "unknown"}[has]
	if o.table == nil {
		t, err := conntrack.Open()
		if err != nil {
			return none
		}
		o.table = t
	}
	found := "none"
	whole, err := o.table.Each(netlinkRead, func(c *conntrack.Conn) {
		switch {
		case c.Hardware:
			found = "hardware"
		case c.Offloaded && found == "none":
			found = "software"
		}
		if c.Offloaded || len(o.connections.entries) > 0 {
			o.conn = connection{tuples: c.Tuples, count: c.Count, marked: c.Offloaded, counted: c.Counted}
			e.takeOver(o)
		}
	})
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "unknown"
	case err != nil:
		return none
	case !whole:
		o.blind()
	}
	return found
}

// blind notes that connections may be offloaded that are not in the ledger.
func (o *offload) blind() { o.since = core.Unset() }

func (o *offload) close() {
	if o.file != nil {
		o.file.Close()
	}
	if o.table != nil {
		o.table.Close()
	}
}

// isOffloaded says that flows pass where no capture sees them, as far as is known.
func isOffloaded(found string) bool { return found == "software" || found == "hardware" }

// findOffload notes whether flows are offloaded, says so when that changes, and
// raises their counters to the kernel's.
func (e *Engine) findOffload(k *statusKeeper) {
	if e.opts.NoConntrack {
		return
	}
	o := &k.offload
	o.begin()
	was := k.last.Offload
	found, err := o.look(func(line []byte) { e.follow(o, line) })
	if err != nil {
		found = e.ask(o, !errors.Is(err, fs.ErrNotExist))
	}
	k.last.Offload = found
	o.forget()
	if found != was && isOffloaded(found) {
		e.log.Warn().Str("offload", k.last.Offload).Msg("the kernel forwards established flows where no capture sees them: their counters come from its connection table each interval, as far as it counts them")
	}
	if o.uncounted && !o.unpaid {
		o.unpaid = true
		e.log.Warn().Msg("the kernel does not count the connections that it forwards out of sight, so their counters are too low: switch it on with sysctl net.netfilter.nf_conntrack_acct=1")
	}
}
