package sink

import (
	"bufio"
	"io"

	"netifyd/core"
	"netifyd/core/event"
	"netifyd/core/expr"
)

// Writer is an Outlet that writes the lines of one dialect, without headers,
// to a file. It waits for the file.
type Writer struct {
	buf     *bufio.Writer
	dialect event.Dialect
	kinds   uint
}

// NewWriter makes an outlet that writes lines of the given kinds; none given: of all.
func NewWriter(w io.Writer, d event.Dialect, kinds ...core.Kind) *Writer {
	x := &Writer{buf: bufio.NewWriterSize(w, 64<<10), dialect: d}
	for _, k := range kinds {
		x.kinds |= 1 << k
	}
	if x.kinds == 0 {
		x.kinds = ^uint(0)
	}
	return x
}

// Poll is Outlet's: nobody joins.
func (w *Writer) Poll() []*Join { return nil }

// Dialects is Outlet's.
func (w *Writer) Dialects() event.Dialects { return event.Dialects(0).With(w.dialect) }

// Wants is Outlet's.
func (w *Writer) Wants(d event.Dialect, kind core.Kind) bool {
	return d == w.dialect && w.kinds>>kind&1 != 0
}

// Filters is Outlet's: nobody filters.
func (w *Writer) Filters(core.Kind) bool { return false }

// Select is Outlet's.
func (w *Writer) Select(kind core.Kind, _ *expr.Input) bool { return w.kinds>>kind&1 != 0 }

// Offer is Outlet's. Once a write has failed, everything is lost; Flush tells why.
func (w *Writer) Offer(d event.Dialect, kind core.Kind, _ core.Rank, line []byte) bool {
	if d != w.dialect || w.kinds>>kind&1 == 0 {
		return true
	}
	_, err := w.buf.Write(line)
	return err == nil
}

// Flush writes what is held back, and says what went wrong since the start.
func (w *Writer) Flush() error { return w.buf.Flush() }
