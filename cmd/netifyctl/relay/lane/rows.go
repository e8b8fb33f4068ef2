package lane

import (
	"encoding/json"
	"strconv"
)

// Rows writes rows of the same columns to lanes: as arrays, or as objects.
type Rows struct {
	columns []string
	ways    []way
	arrays  []byte
	objects []byte
}

type way struct {
	lane    *Lane
	table   *Table
	objects bool
}

// NewRows makes a writer of rows with these columns.
func NewRows(columns ...string) *Rows { return &Rows{columns: columns} }

// To adds a lane.
func (r *Rows) To(l *Lane, kind string, class Class, objects bool) {
	t := &Table{Kind: kind, Class: class}
	if !objects {
		t.Columns = r.columns
	}
	r.ways = append(r.ways, way{l, t, objects})
}

// Used says that there is a lane.
func (r *Rows) Used() bool { return r != nil && len(r.ways) > 0 }

// Row writes a row, a value for each column.
func (r *Rows) Row(values ...any) {
	r.arrays, r.objects = r.arrays[:0], r.objects[:0]
	for _, w := range r.ways {
		if w.objects {
			if len(r.objects) == 0 {
				r.objects = AppendObject(r.objects, r.columns, values)
			}
			w.lane.Offer(w.table, r.objects)
			continue
		}
		if len(r.arrays) == 0 {
			r.arrays = AppendArray(r.arrays, values)
		}
		w.lane.Offer(w.table, r.arrays)
	}
}

// AppendArray adds values as an array of JSON.
func AppendArray(b []byte, values []any) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, v)
	}
	return append(b, ']')
}

// AppendObject adds values as an object of JSON.
func AppendObject(b []byte, columns []string, values []any) []byte {
	b = append(b, '{')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), columns[i]...), '"', ':')
		b = appendValue(b, v)
	}
	return append(b, '}')
}

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case uint64:
		return strconv.AppendUint(b, v, 10)
	case bool:
		return strconv.AppendBool(b, v)
	case json.RawMessage:
		return append(b, v...)
	case string:
		return AppendText(b, v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, text...)
}

// AppendText adds a string of JSON.
func AppendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			text, _ := json.Marshal(s)
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// Lose counts rows that cannot be written.
func (r *Rows) Lose(n uint64) {
	for _, w := range r.ways {
		w.lane.Lose(w.table, n)
	}
}
