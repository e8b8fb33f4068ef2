// Package adb writes packages and indexes of apk-tools 3, which OpenWrt has
// used since 25.12: the ADB format, a tree of typed values in one block,
// followed by the files.
package adb

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Types of a value word: its upper four bits; the lower 28 hold the value or
// an offset from the start of the payload.
const (
	typeInt    = 0x1 << 28
	typeInt32  = 0x2 << 28
	typeInt64  = 0x3 << 28
	typeBlob8  = 0x8 << 28
	typeBlob16 = 0x9 << 28
	typeBlob32 = 0xa << 28
	typeArray  = 0xd << 28
	typeObject = 0xe << 28
	maxDirect  = 1<<28 - 1
)

// headerBytes begin the payload: two versions, two zeros, the root value.
const headerBytes = 8

// writer puts values one after the other; a value is written before what
// refers to it. Equal values are written once.
type writer struct {
	b    []byte
	seen map[string]uint32
}

func newWriter() *writer {
	return &writer{b: make([]byte, headerBytes), seen: map[string]uint32{}}
}

// put appends bytes at a multiple of align and returns where.
func (w *writer) put(align int, b []byte) uint32 {
	key := string(rune('0'+align)) + string(b)
	if at, ok := w.seen[key]; ok {
		return at
	}
	for len(w.b)%align != 0 {
		w.b = append(w.b, 0)
	}
	at := uint32(len(w.b))
	w.b = append(w.b, b...)
	w.seen[key] = at
	return at
}

func (w *writer) integer(n uint64) uint32 {
	switch {
	case n == 0:
		return 0
	case n <= maxDirect:
		return typeInt | uint32(n)
	case n <= 1<<32-1:
		return typeInt32 | w.put(4, binary.LittleEndian.AppendUint32(nil, uint32(n)))
	}
	return typeInt64 | w.put(8, binary.LittleEndian.AppendUint64(nil, n))
}

func (w *writer) blob(b []byte) uint32 {
	switch n := len(b); {
	case n == 0:
		return 0
	case n <= 0xff:
		return typeBlob8 | w.put(1, append([]byte{byte(n)}, b...))
	case n <= 0xffff:
		return typeBlob16 | w.put(2, append(binary.LittleEndian.AppendUint16(nil, uint16(n)), b...))
	}
	return typeBlob32 | w.put(4, append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...))
}

func (w *writer) text(s string) uint32 { return w.blob([]byte(s)) }

// slots writes an array or an object: the number of slots, this one counted,
// and the values from slot 1 on. Empty slots at the end are left out.
func (w *writer) slots(kind uint32, values []uint32) uint32 {
	for len(values) > 0 && values[len(values)-1] == 0 {
		values = values[:len(values)-1]
	}
	if len(values) == 0 {
		return 0
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(values)+1))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return kind | w.put(4, b)
}

func (w *writer) array(values []uint32) uint32 { return w.slots(typeArray, values) }

// object takes values by slot.
func (w *writer) object(fields map[int]uint32) uint32 {
	top := 0
	for slot := range fields {
		top = max(top, slot)
	}
	values := make([]uint32, top)
	for slot, v := range fields {
		values[slot-1] = v
	}
	return w.slots(typeObject, values)
}

// texts writes a list in the order of its texts, as readers expect.
func (w *writer) texts(list []string) uint32 {
	list = slices.Sorted(slices.Values(list))
	var values []uint32
	for _, s := range list {
		values = append(values, w.text(s))
	}
	return w.array(values)
}

// Slots of a dependency. The match says how versions compare; "=" is meant where it is empty.
const depName, depVersion, depMatch = 1, 2, 3

// What a match holds, beside the comparison, where the package must not be
// there; and the comparison that any version fits.
const (
	matchConflict = 16
	matchAny      = 1 | 2 | 4
)

// depends writes names; "name=1.2" wants or gives that version, "!name" must
// not be there. apk looks for a name with halving steps, so they are sorted as
// they are written, without the mark.
func (w *writer) depends(list []string) uint32 {
	bare := func(s string) string { name, _, _ := strings.Cut(strings.TrimPrefix(s, "!"), "="); return name }
	list = slices.SortedFunc(slices.Values(list), func(a, b string) int { return strings.Compare(bare(a), bare(b)) })
	var values []uint32
	for _, s := range list {
		_, version, _ := strings.Cut(s, "=")
		match := uint64(0)
		if strings.HasPrefix(s, "!") {
			match = matchConflict
			if version == "" {
				match |= matchAny
			}
		}
		values = append(values, w.object(map[int]uint32{depName: w.text(bare(s)), depVersion: w.text(version), depMatch: w.integer(match)}))
	}
	return w.array(values)
}

// finish makes root the root value and returns the payload.
func (w *writer) finish(root uint32) []byte {
	binary.LittleEndian.PutUint32(w.b[4:], root)
	return w.b
}
