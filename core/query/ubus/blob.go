package ubus

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// Types of blobmsg values (libubox, blobmsg.h).
const (
	typeArray  = 1
	typeTable  = 2
	typeString = 3
	typeInt64  = 4
	typeInt32  = 5
	typeInt16  = 6
	typeInt8   = 7 // also a boolean
	typeDouble = 8
)

// A blob is a 32-bit head in network order, then its payload, then zeros up to
// a multiple of four. The head holds the extended bit, which says that a
// blobmsg name stands before the value, a 7-bit identifier, and the length with
// the head and without the zeros (libubox, blob.h).
const (
	headLen  = 4
	extended = 1 << 31
	lenMask  = 1<<24 - 1
)

var errBlob = errors.New("ubus: a blob is cut short or longer than what holds it")

// maxDepth is how deep tables and arrays may be nested.
const maxDepth = 16

// begin appends the head of a blob, to be filled in by end.
func begin(dst []byte, id uint32) ([]byte, int) {
	return binary.BigEndian.AppendUint32(dst, id<<24), len(dst)
}

// end writes the length of the blob that began at start, and pads it.
func end(dst []byte, start int) []byte {
	head := binary.BigEndian.Uint32(dst[start:])
	binary.BigEndian.PutUint32(dst[start:], head|uint32(len(dst)-start))
	return pad(dst)
}

// pad appends zeros up to a multiple of four. Every blob begins at one.
func pad(dst []byte) []byte {
	for len(dst)%4 != 0 {
		dst = append(dst, 0)
	}
	return dst
}

// appendText appends a blob of a text.
func appendText(dst []byte, id uint32, text string) []byte {
	dst, start := begin(dst, id)
	dst = append(append(dst, text...), 0)
	return end(dst, start)
}

// appendNumber appends a blob of a 32-bit number.
func appendNumber(dst []byte, id uint32, n uint32) []byte {
	dst, start := begin(dst, id)
	dst = binary.BigEndian.AppendUint32(dst, n)
	return end(dst, start)
}

// beginField appends the head and the name of a blobmsg value.
func beginField(dst []byte, kind uint32, name string) ([]byte, int) {
	start := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, extended|kind<<24)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(name)))
	dst = append(append(dst, name...), 0)
	return pad(dst), start
}

// appendInt appends a blobmsg number, in 32 bits where it fits.
func appendInt(dst []byte, name string, n int64) []byte {
	if n == int64(int32(n)) {
		dst, start := beginField(dst, typeInt32, name)
		return end(binary.BigEndian.AppendUint32(dst, uint32(n)), start)
	}
	dst, start := beginField(dst, typeInt64, name)
	return end(binary.BigEndian.AppendUint64(dst, uint64(n)), start)
}

// appendJSON appends the members of a JSON object as blobmsg values. The
// buffer must begin at a multiple of four.
func appendJSON(dst, text []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return dst, fmt.Errorf("ubus: want a JSON object")
	}
	return appendMembers(dst, d, true, 0)
}

// appendMembers appends what an open object or array holds, and its end.
func appendMembers(dst []byte, d *json.Decoder, table bool, depth int) ([]byte, error) {
	for d.More() {
		name := ""
		if table {
			t, err := d.Token()
			if err != nil {
				return dst, err
			}
			name, _ = t.(string)
		}
		var err error
		if dst, err = appendValue(dst, d, name, depth); err != nil {
			return dst, err
		}
	}
	_, err := d.Token()
	return dst, err
}

func appendValue(dst []byte, d *json.Decoder, name string, depth int) ([]byte, error) {
	t, err := d.Token()
	if err != nil {
		return dst, err
	}
	switch v := t.(type) {
	case json.Delim:
		if depth == maxDepth {
			return dst, errors.New("ubus: nested too deep")
		}
		kind := uint32(typeArray)
		if v == '{' {
			kind = typeTable
		}
		dst, start := beginField(dst, kind, name)
		if dst, err = appendMembers(dst, d, v == '{', depth+1); err != nil {
			return dst, err
		}
		return end(dst, start), nil
	case string:
		dst, start := beginField(dst, typeString, name)
		return end(append(append(dst, v...), 0), start), nil
	case bool:
		dst, start := beginField(dst, typeInt8, name)
		one := byte(0)
		if v {
			one = 1
		}
		return end(append(dst, one), start), nil
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return appendInt(dst, name, n), nil
		}
		if n, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			dst, start := beginField(dst, typeInt64, name)
			return end(binary.BigEndian.AppendUint64(dst, n), start), nil
		}
		f, err := v.Float64()
		if err != nil {
			return dst, err
		}
		dst, start := beginField(dst, typeDouble, name)
		return end(binary.BigEndian.AppendUint64(dst, math.Float64bits(f)), start), nil
	}
	dst, start := beginField(dst, 0, name) // null
	return end(dst, start), nil
}

// blob is one that was read: its identifier and its payload.
type blob struct {
	id   uint32
	name string // of a blobmsg value
	data []byte
}

// next reads the blob at the beginning of b and what follows it.
func next(b []byte) (x blob, rest []byte, err error) {
	if len(b) < headLen {
		return x, nil, errBlob
	}
	head := binary.BigEndian.Uint32(b)
	n := int(head & lenMask)
	if n < headLen || n > len(b) {
		return x, nil, errBlob
	}
	x = blob{id: head >> 24 & 0x7f, data: b[headLen:n]}
	if head&extended != 0 {
		if len(x.data) < 3 {
			return x, nil, errBlob
		}
		size := int(binary.BigEndian.Uint16(x.data))
		skip := (2 + size + 1 + 3) &^ 3
		if 2+size+1 > len(x.data) || x.data[2+size] != 0 {
			return x, nil, errBlob
		}
		x.name = string(x.data[2 : 2+size])
		x.data = x.data[min(skip, len(x.data)):]
	}
	return x, b[min((n+3)&^3, len(b)):], nil
}

// number of a blob of 32 bits.
func (x *blob) number() uint32 {
	if len(x.data) < 4 {
		return 0
	}
	return binary.BigEndian.Uint32(x.data)
}

// text of a blob, without the zero at its end.
func (x *blob) text() string {
	if i := bytes.IndexByte(x.data, 0); i >= 0 {
		return string(x.data[:i])
	}
	return string(x.data)
}

// readJSON writes blobmsg values as a JSON object.
func readJSON(dst, b []byte) ([]byte, error) { return readMembers(dst, b, true, 0) }

func readMembers(dst, b []byte, table bool, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errors.New("ubus: nested too deep")
	}
	brackets := "[]"
	if table {
		brackets = "{}"
	}
	dst = append(dst, brackets[0])
	for first := true; len(b) > 0; first = false {
		x, rest, err := next(b)
		if err != nil {
			return dst, err
		}
		b = rest
		if !first {
			dst = append(dst, ',')
		}
		if table {
			dst = append(appendQuoted(dst, x.name), ':')
		}
		if dst, err = readValue(dst, &x, depth); err != nil {
			return dst, err
		}
	}
	return append(dst, brackets[1]), nil
}

func readValue(dst []byte, x *blob, depth int) ([]byte, error) {
	want := map[uint32]int{typeInt64: 8, typeInt32: 4, typeInt16: 2, typeInt8: 1, typeDouble: 8}[x.id]
	if len(x.data) < want {
		return dst, io.ErrUnexpectedEOF
	}
	switch x.id {
	case typeArray, typeTable:
		return readMembers(dst, x.data, x.id == typeTable, depth+1)
	case typeString:
		return appendQuoted(dst, x.text()), nil
	case typeInt64:
		return strconv.AppendInt(dst, int64(binary.BigEndian.Uint64(x.data)), 10), nil
	case typeInt32:
		return strconv.AppendInt(dst, int64(int32(binary.BigEndian.Uint32(x.data))), 10), nil
	case typeInt16:
		return strconv.AppendInt(dst, int64(int16(binary.BigEndian.Uint16(x.data))), 10), nil
	case typeInt8:
		return strconv.AppendBool(dst, x.data[0] != 0), nil
	case typeDouble:
		f := math.Float64frombits(binary.BigEndian.Uint64(x.data))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return append(dst, "null"...), nil
		}
		return strconv.AppendFloat(dst, f, 'g', -1, 64), nil
	}
	return append(dst, "null"...), nil
}

func appendQuoted(dst []byte, s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		return append(dst, `""`...)
	}
	return append(dst, b...)
}
