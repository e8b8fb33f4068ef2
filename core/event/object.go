package event

import (
	"sort"
)

// field is one member of an object made of T. value appends the member's
// value, or nothing where the object has none.
type field[T any] struct {
	key   string // ,"name": with comma, quotes and colon
	value func(dst []byte, d Dialect, v *T) []byte
	only  uint64 // bits of which the caller must have one; 0: none is wanted
}

// object is the members of an object in ascending order of their names.
type object[T any] []field[T]

// member makes a field of a name.
func member[T any](name string, value func([]byte, Dialect, *T) []byte) field[T] {
	return field[T]{key: `,"` + name + `":`, value: value}
}

// sorted puts members in order.
func sorted[T any](fields ...field[T]) object[T] {
	sort.Slice(fields, func(i, j int) bool { return fields[i].name() < fields[j].name() })
	return fields
}

func (f field[T]) name() string { return f.key[2 : len(f.key)-2] }

// append writes the object, of members that want bits those which have one.
func (o object[T]) append(dst []byte, d Dialect, v *T, bits uint64) []byte {
	first := len(dst)
	if dst = o.members(dst, d, v, bits); len(dst) == first {
		return append(dst, "{}"...)
	}
	dst[first] = '{' // in place of the first comma
	return append(dst, '}')
}

// members writes the members of append, each with a comma before it.
func (o object[T]) members(dst []byte, d Dialect, v *T, bits uint64) []byte {
	for i := range o {
		f := &o[i]
		if f.only != 0 && f.only&bits == 0 {
			continue
		}
		before := len(dst)
		dst = append(dst, f.key...)
		start := len(dst)
		if dst = f.value(dst, d, v); len(dst) == start {
			dst = dst[:before]
		}
	}
	return dst
}

// closeObject puts the brace where the last comma was.
func closeObject(dst []byte) []byte {
	if last := len(dst) - 1; dst[last] == ',' {
		dst[last] = '}'
		return dst
	}
	return append(dst, '}')
}
