package connection

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/action"
	"netifyd/core/action/elements"
	"netifyd/core/conntrack"
	"netifyd/core/netlink"
)

// batchMost is how many connections are told at once: the answers fit the
// receive buffer of a usual socket. Where they do not, fewer are.
const batchMost = 128

// dumpMost is what is read of the table at most: some 100 000 connections.
const dumpMost = 32 << 20

// staleEvery is how often at most a Sync is asked for.
const staleEvery = time.Second

// lookEvery is how often at most one is asked for since a connection had no room.
const lookEvery = time.Minute

// ports are those of this process's sockets, which need not hear of each other.
var ports sync.Map

// Target changes connections.
type Target struct {
	set    Settings
	conn   *netlink.Conn
	port   uint32
	watch  *netlink.Watcher
	done   sync.WaitGroup
	count  action.Count
	buf    []byte
	batch  []change
	most   int              // of the batch
	living int              // connections that carry what was written, as far as is known
	looked time.Time        // when a Sync was last asked for since there was no room
	wrote  *elements.Ledger // connections as they were seen; nil: nobody asks for them
}

// change is a flow of the batch.
type change struct {
	flow   action.Subject
	number uint32
	on     bool
	turned bool // it was not known by the tuple that was seen
	every  bool // takes back whatever the target writes; no flow is known
}

// Open opens a target. It needs CAP_NET_ADMIN and a kernel with nf_conntrack_netlink.
func Open(s Settings) (*Target, error) {
	conn, err := netlink.Open()
	if err != nil {
		return nil, explain(err)
	}
	t := &Target{set: s, conn: conn, port: conn.Port(), buf: make([]byte, 0, 32<<10), batch: make([]change, 0, batchMost), most: batchMost}
	ports.Store(t.port, true)
	if s.Managed || s.Alone {
		most := s.Most
		if most == 0 {
			most = action.DefaultMost
		}
		t.wrote = elements.New(most)
	}
	if s.Once {
		return t, nil
	}
	t.watch, err = netlink.Watch(groupGone, 64<<10, []uint16{Delete}, []uint32{0, t.port})
	if err != nil {
		t.conn.Close()
		return nil, explain(err)
	}
	t.done.Add(1)
	go t.hear()
	return t, nil
}

// explain says what to do about an error of the kernel's.
func explain(err error) error {
	switch {
	case errors.Is(err, unix.EPERM):
		return errors.New("no right to change connections: run as root or grant CAP_NET_ADMIN")
	case errors.Is(err, unix.EPROTONOSUPPORT), errors.Is(err, unix.EAFNOSUPPORT), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.EINVAL):
		return fmt.Errorf("the kernel does not change connections by netlink (%w): %s", err, netlink.Lacking("kmod-nf-conntrack-netlink", "nf_conntrack_netlink"))
	case errors.Is(err, unix.EBUSY):
		return errors.New("the kernel keeps what it offloads: a newer kernel (5.10.173, 5.15.99, 6.1.16, 6.3) lets it go")
	case errors.Is(err, unix.ENOBUFS):
		return errors.New("the kernel's answers did not fit the socket: connections are told anew")
	}
	return err
}

// hear asks for a Sync when another program deletes connections: what goes on
// then begins anew, without label and mark.
func (t *Target) hear() {
	defer t.done.Done()
	buf := make([]byte, 32<<10)
	for {
		lost := false
		err := t.watch.Next(buf, func(a *netlink.Answer) {
			if _, own := ports.Load(a.From); !own {
				lost = true
			}
		})
		switch {
		case errors.Is(err, os.ErrClosed):
			return
		case errors.Is(err, unix.ENOBUFS):
			lost = true
		case err != nil:
			return
		}
		if lost {
			t.stale()
			time.Sleep(staleEvery)
		}
	}
}

// stale asks for a Sync.
func (t *Target) stale() {
	if t.set.Stale != nil {
		t.set.Stale()
	}
}

// Add tells of a flow.
func (t *Target) Add(f *action.Subject, _ uint32) error { return t.tell(f, true) }

// Remove takes back what Add did.
func (t *Target) Remove(f *action.Subject) error {
	if t.set.Once {
		return nil
	}
	return t.tell(f, false)
}

func (t *Target) tell(f *action.Subject, on bool) error {
	if !hasPorts(f.Transport) || t.set.Skip != nil && t.set.Skip(f) {
		return nil
	}
	if t.wrote != nil {
		tuple := f.Tuple()
		if h := t.hash(&tuple); on {
			t.wrote.Put(h) // what has no room is left at the end
		} else {
			t.wrote.Delete(h)
		}
	}
	t.batch = append(t.batch, change{flow: *f, on: on})
	if len(t.batch) < t.most {
		return nil
	}
	return t.Flush()
}

// Flush sends the batch. What the table does not know by the tuple that was
// seen is tried by the turned one, which is what a capture sees after NAT.
func (t *Target) Flush() error {
	var first error
	for len(t.batch) > 0 {
		t.buf = t.buf[:0]
		for i := range t.batch {
			c := &t.batch[i]
			tuple := c.flow.Tuple()
			if c.turned {
				tuple = turned(tuple)
			}
			c.number = t.conn.Number()
			flow := &c.flow
			if c.every {
				flow = nil
			}
			t.buf = t.set.appendMessage(t.buf, c.number, &tuple, flow, c.on)
		}
		again, err := t.send()
		if err != nil && first == nil {
			t.count.Errors++
			first = explain(err)
		}
		t.batch = again
	}
	return first
}

// send hands the batch to the kernel and gives what is to be tried again.
func (t *Target) send() (again []change, err error) {
	next := 0 // answers come in order
	var other unix.Errno
	again = t.batch[:0]
	err = t.conn.Send(t.buf, func(a *netlink.Answer) {
		for next < len(t.batch) && t.batch[next].number != a.Number {
			next++
		}
		if next == len(t.batch) || a.Kind != netlink.KindError {
			return
		}
		c := t.batch[next]
		next++
		switch errno := unix.Errno(a.Errno()); {
		case errno == 0 && c.on:
			t.living++
			t.count.Added++
		case errno == 0:
			t.left(&c)
			t.count.Removed++
		case errno == unix.ENOSPC:
			t.roomless(&c)
		case errno != unix.ENOENT:
			other = errno
			t.count.Errors++
		case !c.turned:
			c.turned = true
			again = append(again, c)
		case c.on:
			t.count.Gone++
		default: // it ended before its flow did
			t.left(&c)
		}
	})
	if err != nil {
		if errors.Is(err, unix.ENOBUFS) {
			t.most = max(t.most/4, 1)
			t.stale()
		}
		return again[:0], err
	}
	if other != 0 {
		t.count.Errors-- // counted by Flush
		return again, other
	}
	return again, nil
}

// roomless counts a connection that began while the kernel had no room for
// labels, and now and then has Sync look whether it still has none.
func (t *Target) roomless(c *change) {
	if !c.on {
		return // it was never counted
	}
	t.count.Gone++
	if now := time.Now(); now.After(t.looked.Add(lookEvery)) {
		t.looked = now
		t.stale()
	}
}

// left counts a connection that carries nothing of the target's any more.
func (t *Target) left(c *change) {
	if !c.every {
		t.living = max(t.living-1, 0)
	}
}

// Count says what was done.
func (t *Target) Count() action.Count {
	if !t.set.Once {
		t.count.Elements = uint64(t.living)
	}
	return t.count
}

// Sync tells of all, and takes back from others what is the agent's alone.
func (t *Target) Sync(all iter.Seq2[*action.Subject, uint32]) error {
	if t.set.Once {
		return t.Flush()
	}
	first := t.Flush()
	note := func(err error) {
		if first == nil {
			first = err
		}
	}
	if t.wrote != nil {
		t.wrote.Sweep(func(*elements.Entry) bool { return true })
	}
	was, added := t.living, t.count.Added
	t.living = 0
	for f := range all {
		note(t.tell(f, true))
	}
	note(t.Flush())
	t.count.Added = added + uint64(max(t.living-was, 0)) // the others were told before
	if t.set.Alone {
		note(t.clear(false))
	}
	return first
}

func (t *Target) hash(p *core.Tuple) uint64 {
	var b [37]byte
	copy(b[:], p.Src[:])
	copy(b[16:], p.Dst[:])
	b[32], b[33], b[34], b[35], b[36] = byte(p.SrcPort>>8), byte(p.SrcPort), byte(p.DstPort>>8), byte(p.DstPort), p.Protocol
	return t.wrote.Hash(b[:])
}

// clear takes what the target writes from connections that it wrote it on, or from all others.
func (t *Target) clear(wrote bool) error {
	table, err := conntrack.Open()
	if err != nil {
		return explain(err)
	}
	defer table.Close()
	var stray []core.Tuple
	_, err = table.Each(dumpMost, func(c *conntrack.Conn) {
		if t.set.Has(c) && len(stray) < t.wrote.Most() && t.known(c) == wrote {
			stray = append(stray, c.Tuples[0])
		}
	})
	var first error
	if err != nil {
		first = explain(err)
	}
	for i := range stray {
		p := &stray[i]
		f := action.Subject{Local: p.Src, Other: p.Dst, LocalPort: p.SrcPort, OtherPort: p.DstPort, Transport: p.Protocol, V6: p.Version == 6, LocalIsClient: true}
		t.batch = append(t.batch, change{flow: f, every: true})
		if len(t.batch) < t.most {
			continue
		}
		if err := t.Flush(); first == nil {
			first = err
		}
	}
	if err := t.Flush(); first == nil {
		first = err
	}
	return first
}

// known says that the target wrote on a connection, seen before or after NAT.
func (t *Target) known(c *conntrack.Conn) bool {
	opened, answers := c.Tuples[0], turned(c.Tuples[1])
	return t.wrote.Get(t.hash(&opened)) != nil || t.wrote.Get(t.hash(&answers)) != nil
}

// Close takes back what it wrote if that is managed, and ends.
func (t *Target) Close() error {
	if t.watch != nil {
		t.watch.Close()
		t.done.Wait()
	}
	err := t.Flush()
	if t.set.Managed {
		if err2 := t.clear(true); err == nil {
			err = err2
		}
	}
	ports.Delete(t.port)
	t.conn.Close()
	return err
}

// Ask hands one message of the caller's to the kernel.
func (t *Target) Ask(b []byte, f func(a *netlink.Answer)) error { return t.conn.Ask(b, f) }

// Number for a message of the caller's.
func (t *Target) Number() uint32 { return t.conn.Number() }
