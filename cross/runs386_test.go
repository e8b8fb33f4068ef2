package main

import (
	"bytes"
	"debug/elf"
	"testing"
)

// A program that no kernel takes would make every machine seem to be without 32-bit programs.
func TestExit386IsAProgram(t *testing.T) {
	f, err := elf.NewFile(bytes.NewReader(exit386()))
	if err != nil {
		t.Fatal(err)
	}
	if f.Class != elf.ELFCLASS32 || f.Machine != elf.EM_386 || f.Type != elf.ET_EXEC {
		t.Errorf("class %v, machine %v, type %v", f.Class, f.Machine, f.Type)
	}
	load := f.Progs[0]
	if f.Entry < load.Vaddr || f.Entry >= load.Vaddr+load.Filesz || load.Flags&elf.PF_X == 0 {
		t.Errorf("entry %#x is not in the executable part at %#x", f.Entry, load.Vaddr)
	}
}
