// Package lines takes the tables of source lines out of a Go binary, and finds
// the lines of a crash's trace again.
//
// The tables that say from which line an instruction comes are an eighth of
// the compressed agent, and no flag of the linker leaves them out. Without
// them a trace still names its functions, with "?:0" for file and line and the
// offset of the instruction, which Find takes to the line with the help of a
// binary of the same sources that has its tables. No instruction is changed.
package lines

import (
	"bufio"
	"bytes"
	"debug/elf"
	"debug/gosym"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// section holds runtime.pclntab, whose form is that of runtime/symtab.go
// (pcHeader), cmd/link/internal/ld/pcln.go and runtime/runtime2.go (_func).
const section = ".gopclntab"

// magic is that form's version: Go 1.20 and later.
const magic = 0xfffffff1

// Offsets of 32-bit fields of a _func.
const (
	pcspAt      = 16 // offset of the stack sizes in pctab, which are kept
	pcfileAt    = 20 // of the files; 0 stands for "has no table"
	pclnAt      = 24 // of the lines
	npcdataAt   = 28 // how many more tables there are, which are kept
	cuAt        = 32 // the names of files
	startLineAt = 36 // the line of the word func
	pcdataAt    = 44 // the offsets of those more tables
)

// Drop takes the lines out of the ELF binary at path, and returns how many
// bytes of tables went. The file keeps its size: zeros stand where they were,
// which weigh nothing once compressed, as in a package and on a router's flash,
// and are never read.
func Drop(path string) (int, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	obj, err := elf.NewFile(f)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	s := obj.Section(section)
	if s == nil {
		return 0, fmt.Errorf("%s has no section %s: it is not a Go program", path, section)
	}
	table, err := s.Data()
	if err != nil {
		return 0, fmt.Errorf("%s: %s: %w", path, section, err)
	}
	n, err := drop(table, obj.ByteOrder)
	if err != nil {
		return 0, fmt.Errorf("%s: %s: %w", path, section, err)
	}
	if _, err := f.WriteAt(table, int64(s.Offset)); err != nil {
		return 0, err
	}
	return n, f.Close()
}

// errForm is a table that reaches beyond the section.
var errForm = errors.New("the tables do not have the form of Go 1.20 and later")

// drop takes the lines out of a pclntab and returns how many bytes it made zero.
func drop(table []byte, order binary.ByteOrder) (n int, err error) {
	defer func() { // an offset that leads nowhere
		if recover() != nil {
			n, err = 0, errForm
		}
	}()
	if order.Uint32(table) != magic {
		return 0, errForm
	}
	word := func(i int) int { // the i-th of pcHeader
		if table[7] == 8 {
			return int(order.Uint64(table[8+8*i:]))
		}
		return int(order.Uint32(table[8+4*i:]))
	}
	functions, cus, files, pcs, funcs := word(0), word(4), word(5), word(6), word(7)
	pctab, functab := table[pcs:funcs], table[funcs:]
	kept := []byte{0} // offset 0 stands for "no table"
	moved := map[uint32]uint32{0: 0}
	keep := func(field []byte) { // an offset in pctab: what it leads to is kept, without gaps
		off := order.Uint32(field)
		to, known := moved[off]
		if !known {
			to = uint32(len(kept))
			moved[off] = to
			kept = append(kept, pctab[off:end(pctab, int(off))]...)
		}
		order.PutUint32(field, to)
	}
	for i := range functions {
		fn := functab[order.Uint32(functab[8*i+4:]):]
		keep(fn[pcspAt:])
		for k := range order.Uint32(fn[npcdataAt:]) {
			keep(fn[pcdataAt+4*k:])
		}
		for _, at := range []int{pcfileAt, pclnAt, cuAt, startLineAt} {
			n += zero(fn[at : at+4])
		}
	}
	n += len(bytes.TrimRight(pctab, "\x00")) - len(bytes.TrimRight(kept, "\x00"))
	zero(pctab[copy(pctab, kept):])
	return n + zero(table[cus:files]) + zero(table[files:pcs]), nil
}

// end is where the table at off ends: pairs of numbers of seven bits a byte,
// the last byte below 0x80, up to the first of a pair that is 0; that of the
// first pair may be.
func end(pctab []byte, off int) int {
	number := func(i int) int {
		for pctab[i] >= 0x80 {
			i++
		}
		return i + 1
	}
	for i := off; ; i = number(number(i)) {
		if i > off && pctab[i] == 0 {
			return i + 1
		}
	}
}

// zero makes all bytes zero and returns how many were not.
func zero(b []byte) int {
	n := len(b) - bytes.Count(b, []byte{0})
	clear(b)
	return n
}

// where is a line of a trace that says where a function was:
//
//	?:0 +0x4c
var where = regexp.MustCompile(`^\s*\?:0 \+0x([0-9a-f]+)`)

// Find copies a trace, and puts the file and line behind each "?:0 +0x4c".
// binary is of the same sources, and its lines were not dropped; its functions
// must have their symbols.
func Find(binary string, trace io.Reader, out io.Writer) error {
	obj, err := elf.Open(binary)
	if err != nil {
		return err
	}
	defer obj.Close()
	s, text := obj.Section(section), obj.Section(".text")
	if s == nil || text == nil {
		return fmt.Errorf("%s has no section %s: it is not a Go program", binary, section)
	}
	data, err := s.Data()
	if err != nil {
		return err
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, text.Addr))
	if err != nil {
		return fmt.Errorf("%s: %w", binary, err)
	}
	var fn *gosym.Func
	lines := bufio.NewScanner(trace)
	for lines.Scan() {
		line := lines.Text()
		if m := where.FindStringSubmatch(line); m != nil && fn != nil {
			off, _ := strconv.ParseUint(m[1], 16, 32)
			// What is on the stack is where the call returns to: the call is before it.
			if file, n, in := table.PCToLine(fn.Entry + off - 1); in != nil {
				line += fmt.Sprintf("  %s:%d", file, n)
			}
		}
		fn = function(table, line)
		fmt.Fprintln(out, line)
	}
	return lines.Err()
}

// function is that of a trace's line such as "main.(*T).run(0x1, {0x2, 0x3})"
// or "created by main.main in goroutine 1".
func function(table *gosym.Table, line string) *gosym.Func {
	line = strings.TrimPrefix(line, "created by ")
	line, _, _ = strings.Cut(line, " in goroutine ")
	if fn := table.LookupFunc(line); fn != nil {
		return fn
	}
	// The arguments begin at the last parenthesis that opens at the outermost level.
	if i := strings.LastIndexByte(line, '('); i > 0 {
		return table.LookupFunc(line[:i])
	}
	return nil
}
