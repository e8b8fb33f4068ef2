package query

import (
	"encoding/hex"
	"net/netip"
	"strconv"

	"netifyd/core/event"
	"netifyd/core/flow"
)

// slack is the room beside MaxBytes for one row too many and for the ends of
// what is open.
const slack = 4 << 10

// reply is a JSON object that is being written.
type reply struct {
	b     []byte
	start int // of the row that is being written
	rows  int // of the table
	full  bool
}

func (r *reply) reset() { *r = reply{b: r.b[:0]} }

func (r *reply) open() { r.b = append(r.b, '{') }

// close ends what open or name began.
func (r *reply) close() { r.b = append(r.b, '}') }

// comma parts members, and rows.
func (r *reply) comma() {
	switch r.b[len(r.b)-1] {
	case '{', '[', ':':
		return
	}
	r.b = append(r.b, ',')
}

// name begins a member.
func (r *reply) name(name string) {
	r.comma()
	r.b = append(quote(r.b, name), ':')
}

// object begins a member that is an object.
func (r *reply) object(name string) {
	r.name(name)
	r.open()
}

func (r *reply) text(name, value string) {
	r.name(name)
	r.b = quote(r.b, value)
}

func (r *reply) number(name string, n uint64) {
	r.name(name)
	r.b = strconv.AppendUint(r.b, n, 10)
}

func (r *reply) signed(name string, n int64) {
	r.name(name)
	r.b = strconv.AppendInt(r.b, n, 10)
}

func (r *reply) is(name string, v bool) {
	r.name(name)
	r.b = strconv.AppendBool(r.b, v)
}

// table begins a member {"columns": […], "rows": [[…]…]}.
func (r *reply) table(name string, columns ...string) {
	r.object(name)
	r.columns(columns)
}

// columns begins the same in the object that is open.
func (r *reply) columns(columns []string) {
	r.name("columns")
	r.b = append(r.b, '[')
	for _, c := range columns {
		r.comma()
		r.b = quote(r.b, c)
	}
	r.b = append(r.b, ']')
	r.name("rows")
	r.b = append(r.b, '[')
	r.rows, r.full = 0, false
}

// row begins a row.
func (r *reply) row() {
	r.start = len(r.b)
	r.comma()
	r.b = append(r.b, '[')
}

func (r *reply) cell(text string) {
	r.comma()
	r.b = quote(r.b, text)
}

// bytes writes a cell that is a text.
func (r *reply) bytes(text []byte) {
	r.comma()
	r.b = quote(r.b, text)
}

// hex writes a cell that is a text of hexadecimal digits.
func (r *reply) hex(b []byte) {
	r.comma()
	r.b = append(hex.AppendEncode(append(r.b, '"'), b), '"')
}

// endpoint writes a cell that is an address and a port.
func (r *reply) endpoint(f *flow.Record, side flow.Side) {
	r.comma()
	r.b = append(r.b, '"')
	r.b = netip.AddrPortFrom(flow.Addr(f.Version, &f.Addr[side]), f.Port[side]).AppendTo(r.b)
	r.b = append(r.b, '"')
}

func (r *reply) num(n uint64) {
	r.comma()
	r.b = strconv.AppendUint(r.b, n, 10)
}

func (r *reply) flag(v bool) {
	r.comma()
	r.b = strconv.AppendBool(r.b, v)
}

// addresses writes a cell that is a list of addresses.
func (r *reply) addresses(list []netip.Addr) {
	r.comma()
	r.b = append(r.b, '[')
	for _, a := range list {
		r.comma()
		r.b = append(a.WithZone("").AppendTo(append(r.b, '"')), '"')
	}
	r.b = append(r.b, ']')
}

// endRow ends a row, and says whether there is room for another. One that does
// not fit is taken back.
func (r *reply) endRow() bool {
	r.b = append(r.b, ']')
	if r.full = len(r.b) > MaxBytes; r.full {
		r.b = r.b[:r.start]
		return false
	}
	r.rows++
	return true
}

// endRows ends the rows of columns; total is how many there are beyond this page.
func (r *reply) endRows(total int) {
	r.b = append(r.b, ']')
	r.number("total", uint64(total))
	if r.full {
		r.is("cut", true) // fewer rows than asked for: ask for the next with offset
	}
}

// endTable ends a table.
func (r *reply) endTable(total int) {
	r.endRows(total)
	r.close()
}

// quote writes a JSON string in printable ASCII.
func quote[T string | []byte](dst []byte, s T) []byte { return event.AppendText(dst, s) }
