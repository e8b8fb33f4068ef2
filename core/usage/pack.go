package usage

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"sort"
)

// Kind is how much time a record stands for.
type Kind uint8

// Kinds.
const (
	Hour Kind = iota
	Day
	Period // of accounting
)

// Marks of a record.
type Marks uint8

// Marks.
const (
	Complete    Marks = 1 << iota // all of the hour, day or period was counted
	EstimatedIn                   // some bytes came from the kernel's connection table
	Lossy                         // the capture lost packets: at least so much
	NoClock                       // the clock was not set: Start is the end of the record before
)

// Entry is what a device used under a label.
type Entry struct {
	Device uint32 // device.Device.Number
	Label  Label
	Count
}

// Record is what was used in a piece of time. In a file it is
//
//	u32  length of what follows, without the checksum
//	u32  start, seconds since 1970
//	u32  seconds
//	i8   local time less UTC, quarter hours
//	u8   kind, marks << 2
//	uvarint devices, for each: uvarint number, uvarint entries,
//	     for each by rising label: uvarint difference of the label, down, up, flows
//	u32  CRC-32C of all that
//
// with little-endian numbers.
type Record struct {
	Start, Seconds uint32
	Zone           int8
	Kind           Kind
	Marks          Marks
	Entries        []Entry // by device, then by label
}

// End is when the record ends.
func (r *Record) End() int64 { return int64(r.Start) + int64(r.Seconds) }

// recordHead is what comes before the devices; recordLimit is the longest record.
const (
	recordHead  = 14
	recordLimit = 1 << 22
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// order brings entries into the order of a record.
func order(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Label, b.Label))
}

// append writes the record. Its entries are in order.
func (r *Record) append(dst []byte) []byte {
	at := len(dst)
	dst = appendHead(dst, r)
	devices := 0
	for i := range r.Entries {
		if i == 0 || r.Entries[i].Device != r.Entries[i-1].Device {
			devices++
		}
	}
	dst = binary.AppendUvarint(dst, uint64(devices))
	for i := 0; i < len(r.Entries); {
		n := i
		for n < len(r.Entries) && r.Entries[n].Device == r.Entries[i].Device {
			n++
		}
		dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(r.Entries[i].Device)), uint64(n-i))
		last := Label(0)
		for ; i < n; i++ {
			e := &r.Entries[i]
			dst = appendEntry(dst, e.Label-last, &e.Count)
			last = e.Label
		}
	}
	return seal(dst, at)
}

func appendHead(dst []byte, r *Record) []byte {
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, r.Start)
	dst = binary.LittleEndian.AppendUint32(dst, r.Seconds)
	return append(dst, byte(r.Zone), byte(r.Kind)|byte(r.Marks)<<2)
}

func appendEntry(dst []byte, label Label, c *Count) []byte {
	dst = binary.AppendUvarint(dst, uint64(label))
	dst = binary.AppendUvarint(dst, c.Down)
	dst = binary.AppendUvarint(dst, c.Up)
	return binary.AppendUvarint(dst, uint64(c.Flows))
}

// seal fills in the length of what was written from at on, and adds the checksum.
func seal(dst []byte, at int) []byte {
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[at:], castagnoli))
}

// frame cuts the first record off b, without its checksum; false where it is
// cut short or not what was written.
func frame(b []byte) (record, rest []byte, ok bool) {
	if len(b) < 8 {
		return nil, b, false
	}
	n := uint64(binary.LittleEndian.Uint32(b))
	if n > recordLimit || n+8 > uint64(len(b)) {
		return nil, b, false
	}
	record = b[:4+n]
	if crc32.Checksum(record, castagnoli) != binary.LittleEndian.Uint32(b[4+n:]) {
		return nil, b, false
	}
	return record, b[8+n:], true
}

// parse reads what frame cut off. r.Entries is used again.
func (r *Record) parse(b []byte) bool {
	if len(b) < recordHead {
		return false
	}
	r.Start, r.Seconds = binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
	r.Zone, r.Kind, r.Marks = int8(b[12]), Kind(b[13]&3), Marks(b[13]>>2)
	r.Entries = r.Entries[:0]
	n := numbers{b[recordHead:], r.Kind <= Period}
	for devices := n.next(); devices > 0 && n.ok; devices-- {
		device, label := n.next(), uint64(0)
		for entries := n.next(); entries > 0 && n.ok; entries-- {
			label += n.next()
			e := Entry{uint32(device), Label(label), Count{n.next(), n.next(), uint32(n.next())}}
			if !n.ok || device >= 1<<32 || label >= 1<<32 {
				return false
			}
			r.Entries = append(r.Entries, e)
		}
	}
	return n.ok && len(n.b) == 0
}

// numbers reads uvarints until one is broken.
type numbers struct {
	b  []byte
	ok bool
}

func (n *numbers) next() uint64 {
	v, size := binary.Uvarint(n.b)
	if size <= 0 {
		n.ok = false
		return 0
	}
	n.b = n.b[size:]
	return v
}

// merge adds up entries of one device and label. It sorts them in place.
func merge(entries []Entry) []Entry {
	sort.Slice(entries, func(i, j int) bool { return order(entries[i], entries[j]) < 0 })
	out := entries[:0]
	for _, e := range entries {
		if n := len(out); n > 0 && order(out[n-1], e) == 0 {
			out[n-1].Count.add(e.Count)
			continue
		}
		out = append(out, e)
	}
	return out
}

// trim keeps the top labels of each device and adds the others to its "other".
// Entries are in order, and stay so.
func trim(entries []Entry, top int) []Entry {
	var out []Entry
	for i := 0; i < len(entries); {
		n := i
		for n < len(entries) && entries[n].Device == entries[i].Device {
			n++
		}
		own := slices.Clone(entries[i:n])
		if len(own) > top {
			sort.SliceStable(own, func(i, j int) bool { return own[i].Sum() > own[j].Sum() })
			for k := top; k < len(own); k++ {
				if own[k].Label != Peer {
					own[k].Label = folded(own[k].Label.Sum())
				}
			}
			own = merge(own)
		}
		out = append(out, own...)
		i = n
	}
	return out
}
