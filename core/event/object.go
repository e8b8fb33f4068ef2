package event

import (
	"sort"
)

// field is one member of an object made of T. value appends the member's
// value, or nothing where the object has none.
type field[T any] struct {
	key   string // "name": with quotes and colon
	value func(dst []byte, d Dialect, v *T) []byte
}

// object is the members of an object in ascending order of their names.
type object[T any] []field[T]

// member makes a field of a name.
func member[T any](name string, value func([]byte, Dialect, *T) []byte) field[T] {
	return field[T]{`"` + name + `":`, value}
}

// sorted puts members in order.
func sorted[T any](fields ...field[T]) object[T] {
	sort.Slice(fields, func(i, j int) bool { return fields[i].name() < fields[j].name() })
	return fields
}

func (f field[T]) name() string { return f.key[1 : len(f.key)-2] }

// append writes the object.
func (o object[T]) append(dst []byte, d Dialect, v *T) []byte {
	dst = append(dst, '{')
	for i := range o {
		f := &o[i]
		before := len(dst)
		dst = append(dst, f.key...)
		start := len(dst)
		if dst = f.value(dst, d, v); len(dst) == start {
			dst = dst[:before]
			continue
		}
		dst = append(dst, ',')
	}
	return closeObject(dst)
}

// closeObject puts the brace where the last comma was.
func closeObject(dst []byte) []byte {
	if last := len(dst) - 1; dst[last] == ',' {
		dst[last] = '}'
		return dst
	}
	return append(dst, '}')
}
