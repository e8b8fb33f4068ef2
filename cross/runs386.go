package main

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// runs386 says that the kernel takes 32-bit programs, which some are built without.
var runs386 = sync.OnceValue(func() bool {
	dir, err := os.MkdirTemp("", "netifyd-386")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "exit")
	return os.WriteFile(path, exit386(), 0o700) == nil && exec.Command(path).Run() == nil
})

// exit386 is the smallest 32-bit ELF program: exit(0). The layout is that of
// the System V ABI: file header, one program header, code.
func exit386() []byte {
	const base, head = 0x08048000, 52 + 32
	code := []byte{0x31, 0xdb, 0x31, 0xc0, 0x40, 0xcd, 0x80} // ebx = 0, eax = 1, int 0x80
	b := append([]byte("\x7fELF"), 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	le := binary.LittleEndian
	half := func(v ...uint16) {
		for _, x := range v {
			b = le.AppendUint16(b, x)
		}
	}
	word := func(v ...uint32) {
		for _, x := range v {
			b = le.AppendUint32(b, x)
		}
	}
	half(2, 3)                   // executable, 80386
	word(1, base+head, 52, 0, 0) // version, entry, program headers, none of sections, flags
	half(52, 32, 1, 0, 0, 0)     // sizes and numbers of headers
	size := uint32(head + len(code))
	word(1, 0, base, base, size, size, 5, 0x1000) // load all of it, readable and executable
	return append(b, code...)
}
