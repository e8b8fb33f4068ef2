// Package compact is the form that a catalogue of applications is compiled
// into: one string, read in place, so that the built-in catalogue costs no
// memory but the pages of the program that hold it.
//
// A domain is found by bisection of blocks of names, which lie in order from
// their last byte to the first and leave out what they share with the name
// before. A network is found by bisection of disjoint ranges.
package compact

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// Magic begins a compiled catalogue; its last byte is the version of the form.
const Magic = "nfcat\x00\x00\x04"

// After Magic comes the SHA-256 of all that is behind it: the date (4 bytes,
// 20261231 for the last day of 2026; 0: none), then the offset of each section
// and of the end (4 bytes each). Numbers have their least significant byte first.
const (
	digestAt  = len(Magic)
	dateAt    = digestAt + sha256.Size
	offsetsAt = dateAt + 4
)

// Sections, in the order of the file.
const (
	secApps   = iota // see apps.go
	secBlocks        // 4 bytes a block of names, and one more: see listing
	secNames         // see listing
	secRules         // 12 bytes: number of the name (4), text (4), application (2), length, 0
	sec4             // 8 bytes: first address of a range (4), bits, 0, value (2)
	sec6             // 20 bytes: first address of a range (16), bits, 0, value (2)
	secTwins         // 4 bytes: protocol (2), application (2)
	secText
	sections
)

const (
	headerSize = offsetsAt + 4*(sections+1)
	ruleSize   = 12
	range4Size = 8
	range6Size = 20
	twinSize   = 4

	hasRules = 1 << 15 // of a name's value: host rules end in this name. The rest: application plus one, or 0

	// MaxApps is how many applications a table holds.
	MaxApps = hasRules - 2
)

// Table is a compiled catalogue. It is only read, so any number of goroutines may share it.
type Table struct {
	count                                    int // of applications
	apps, rules, range4, range6, twins, text string
	names                                    listing
	// Date is that of the catalogue, as 20261231; 0: it has none. Sum is its digest.
	Date uint32
	Sum  string
}

// HeadSize is how many bytes of a file Head needs.
const HeadSize = offsetsAt

// Head is the digest and the date that stand at the beginning of a compiled
// catalogue; empty: it is none of this form. Nothing is checked.
func Head(data string) (sum string, date uint32) {
	if len(data) < HeadSize || data[:len(Magic)] != Magic {
		return "", 0
	}
	return data[digestAt:dateAt], u32(data, dateAt)
}

// Open reads a compiled catalogue that is sound. The table refers to data.
func Open(data string) (*Table, error) {
	t, err := header(data)
	if err == nil {
		t.names.index()
	}
	return t, err
}

// header reads where the sections of a compiled catalogue are.
func header(data string) (*Table, error) {
	if len(data) < headerSize || data[:len(Magic)] != Magic {
		return nil, errors.New("not a compiled catalogue of this version")
	}
	var part [sections]string
	sizes := [sections]int{1, 4, 1, ruleSize, range4Size, range6Size, twinSize, 1}
	for i := range part {
		from, to := u32(data, offsetsAt+4*i), u32(data, offsetsAt+4*i+4)
		if from > to || uint64(to) > uint64(len(data)) || int(to-from)%sizes[i] != 0 {
			return nil, fmt.Errorf("section %d of the compiled catalogue is damaged", i)
		}
		part[i] = data[from:to]
	}
	t := &Table{
		Date: u32(data, dateAt), Sum: data[digestAt:dateAt],
		apps: part[secApps], rules: part[secRules], range4: part[sec4], range6: part[sec6],
		twins: part[secTwins], text: part[secText],
	}
	if len(t.apps) >= countSize {
		t.count = int(min(u32(t.apps, 0), MaxApps+1)) // Check refuses one too many
	}
	t.names = listing{blocks: part[secBlocks], names: part[secNames]}
	return t, nil
}

// Twins calls fn for each protocol that stands for an application.
func (t *Table) Twins(fn func(protocol uint16, app int)) {
	for at := 0; at < len(t.twins); at += twinSize {
		fn(u16(t.twins, at), int(u16(t.twins, at+2)))
	}
}

// Domains is how many domains and fixed ends of host rules there are; Rules
// host rules, Networks ranges of addresses.
func (t *Table) Domains() int  { return t.names.Len() }
func (t *Table) Rules() int    { return len(t.rules) / ruleSize }
func (t *Table) Networks() int { return len(t.range4)/range4Size + len(t.range6)/range6Size }

// Size is the bytes of the table.
func (t *Table) Size() int {
	return headerSize + len(t.apps) + len(t.rules) + len(t.range4) + len(t.range6) + len(t.twins) + len(t.text) + t.names.size()
}

func cut(text string, from uint32, n uint8) string { return text[from : from+uint32(n)] }

func u16(s string, at int) uint16 { return uint16(s[at]) | uint16(s[at+1])<<8 }

func u32(s string, at int) uint32 {
	_ = s[at+3]
	return uint32(s[at]) | uint32(s[at+1])<<8 | uint32(s[at+2])<<16 | uint32(s[at+3])<<24
}
