// Package pcapfile reads capture files, pcap and pcapng, with fixed memory.
package pcapfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"netifyd/core"
)

// Bounds of a capture file.
const (
	MaxPacket = 256 << 10            // captured bytes of one packet; libpcap's own bound
	batchSize = 64                   // frames lent at a time
	bufSize   = 2*MaxPacket + 64<<10 // window over the file; any packet with its block fits
	readSize  = 64 << 10             // bytes asked for at a time, so that few pages of the window are ever used
)

var (
	// ErrTruncated says that the file ends inside a packet or a block. Everything
	// before was lent.
	ErrTruncated = errors.New("file is cut short")
	// ErrNotCapture says that the file is neither pcap nor pcapng.
	ErrNotCapture = errors.New("no capture file")
	// ErrLink says that packets begin with a header that packet.Decode does not
	// read. They were lent like all others.
	ErrLink = errors.New("is not understood")
	// ErrFormat says that a length or field in the file cannot be.
	ErrFormat = errors.New("malformed capture file")
)

// format reads the records of one kind of file.
type format interface {
	// record reads the record that b begins with. size is its whole length, also
	// when b holds only a part of it (then ok is false); 0 when not even that can
	// be told. frame says that f was filled; its Data aliases b.
	record(b []byte, f *core.Frame) (size int64, frame, ok bool, err error)
}

// Source lends the packets of one capture file. It implements core.Source.
type Source struct {
	mu     sync.Mutex
	r      io.Reader // nil: name is still to be opened
	closed bool

	name     string
	format   format // nil until the header was read
	buf      []byte
	from, to int   // unread part of buf
	offset   int64 // of buf[from] in the file
	skip     int64 // bytes of an uninteresting block still to pass over
	frames   [batchSize]core.Frame
	now      int64
	err      error // what Next gives once the frames are used up
	received atomic.Uint64

	foreign struct { // packets of a link that is not known
		link    core.LinkType // of the first
		packets uint64
	}
}

var _ core.Source = (*Source)(nil)

// Open opens the capture file at path, or standard input for "-". The header is
// read by the first Next, which also opens a named pipe: that waits for who writes.
func Open(path string) (*Source, error) {
	if path == "-" {
		return New(os.Stdin, "standard input"), nil
	}
	if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		return New(nil, path), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return New(file, path), nil
}

// New reads a capture file from r. name is for errors. Close closes r if it can
// be closed.
func New(r io.Reader, name string) *Source {
	return &Source{r: r, name: name, buf: make([]byte, bufSize)}
}

// Next lends up to 64 frames, valid until the next call. It returns those that
// one read brought in, so a live pipe is not waited for longer than needed. At
// the end it gives io.EOF, or an error that wraps ErrTruncated, ErrNotCapture,
// ErrFormat or ErrLink and names file and offset; always after the frames before it.
func (s *Source) Next(b *core.Batch) error {
	b.Frames, b.Now = nil, s.now
	for {
		n := s.parse()
		if n > 0 {
			s.received.Add(uint64(n))
			b.Frames, b.Now = s.frames[:n], s.now
			return nil
		}
		if s.err != nil {
			return s.err
		}
		s.fill()
	}
}

// Counters counts the packets read. Safe from other goroutines.
func (s *Source) Counters() core.Counters {
	return core.Counters{Received: s.received.Load()}
}

// Close closes the file. It does not wait for a Next that waits for a pipe, and
// ends it where the system lets it.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if c, ok := s.r.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// reader gives the file, opened if it is not yet.
func (s *Source) reader() (r io.Reader, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.r == nil && !s.closed {
		s.mu.Unlock()
		file, err := os.Open(s.name)
		s.mu.Lock()
		if err != nil {
			return nil, err
		}
		if s.closed {
			_ = file.Close()
		}
		s.r = file
	}
	if s.closed {
		return nil, fmt.Errorf("%s: %w", s.name, os.ErrClosed)
	}
	return s.r, nil
}

// parse fills frames from what is in buf and gives their number.
func (s *Source) parse() int {
	if s.pass(); s.skip > 0 || s.format == nil && !s.begin() {
		return 0
	}
	n := 0
	for n < batchSize {
		f := &s.frames[n]
		size, frame, ok, err := s.format.record(s.buf[s.from:s.to], f)
		if err != nil {
			s.fail(err)
			break
		}
		if !ok {
			// Only a block that nobody reads may be larger than the window.
			if size > bufSize {
				s.fail(fmt.Errorf("block of %d bytes: %w", size, ErrFormat))
			}
			break
		}
		if s.skip = size; frame {
			n++
			if f.Link != core.LinkEthernet && !f.Link.Known() {
				if s.foreign.packets == 0 {
					s.foreign.link = f.Link
				}
				s.foreign.packets++
			}
			if f.Time > s.now {
				s.now = f.Time
			}
		}
		if size <= int64(s.to-s.from) { // as pass does
			s.from += int(size)
			s.offset += size
			s.skip = 0
			continue
		}
		s.pass()
		break
	}
	return n
}

// begin reads the file header, as soon as there are bytes enough to know it.
func (s *Source) begin() bool {
	b := s.buf[s.from:s.to]
	if len(b) < magicLen {
		return false
	}
	f, size, err := detect(b)
	if err != nil {
		s.fail(err)
		return false
	}
	if f == nil {
		return false
	}
	s.format, s.skip = f, int64(size)
	s.pass()
	return true
}

// pass moves over what skip says, as far as it is in buf.
func (s *Source) pass() {
	n := min(s.skip, int64(s.to-s.from))
	s.from += int(n)
	s.offset += n
	s.skip -= n
}

// fill reads more of the file behind what is unread.
func (s *Source) fill() {
	s.to = copy(s.buf, s.buf[s.from:s.to])
	s.from = 0
	r, err := s.reader()
	if err != nil {
		s.err = err
		return
	}
	n, err := io.ReadAtLeast(r, s.buf[s.to:min(s.to+readSize, bufSize)], 1) // gives up on a reader without progress
	s.to += n
	if err == nil {
		return
	}
	if err != io.EOF {
		s.err = fmt.Errorf("%s: %w", s.name, err)
		return
	}
	s.finish()
}

// finish says how the file ended.
func (s *Source) finish() {
	unread := s.buf[s.from:s.to]
	switch {
	case s.format == nil && !plausible(unread):
		s.fail(unknown(unread))
	case s.format == nil || len(unread) > 0 || s.skip > 0:
		s.fail(ErrTruncated)
	case s.foreign.packets > 0:
		s.err = fmt.Errorf("%s: link type %s %w: %d of %d packets are not read", s.name, s.foreign.link, ErrLink, s.foreign.packets, s.received.Load())
	default:
		s.err = io.EOF
	}
}

// fail ends the reading, unless it has ended already.
func (s *Source) fail(err error) {
	if s.err == nil {
		s.err = fmt.Errorf("%s: at offset %d: %w", s.name, s.offset, err)
	}
}
