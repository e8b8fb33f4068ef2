package device

import (
	"unicode/utf8"

	"netifyd/core/glyph"
)

// Origin says where a name came from. The higher one wins; what a device says
// of itself gives way to what somebody wrote down.
type Origin uint8

// Origins, the weakest first.
const (
	FromNobody  Origin = iota
	FromNetBIOS        // NetBIOS or LLMNR: the device answered or registered the name
	FromFile           // /etc/ethers, /etc/hosts
	FromMDNS           // the device answered for its own address
	FromDHCP           // options 12 and 81 of the client, a file of leases
	FromStatic         // a static lease in the router's configuration
	FromUser           // somebody gave it here
)

var originNames = [...]string{"", "netbios", "file", "mdns", "dhcp", "static", "user"}

// String is the origin in answers and events; empty where there is none.
func (o Origin) String() string { return originNames[o] }

// nameRoom is how many bytes of a name are kept.
const nameRoom = 32

// Name is a name and where it came from.
type Name struct {
	From Origin
	text [nameRoom]byte
}

// String is the name; it holds no control characters.
func (n Name) String() string { return string(n.bytes()) }

func (n *Name) bytes() []byte {
	for i, c := range n.text {
		if c == 0 {
			return n.text[:i]
		}
	}
	return n.text[:]
}

// makeName keeps what of a text can be a name: its first label where it is a
// domain, without control characters and what turns the direction of writing.
func makeName(from Origin, text []byte) (n Name) {
	n.From = from
	at := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		if r == '.' && from != FromUser {
			break
		}
		if !glyph.Shown(r) || r == utf8.RuneError && size == 1 {
			continue
		}
		if at+size > nameRoom {
			break
		}
		at += utf8.EncodeRune(n.text[at:], r)
	}
	if at == 0 {
		return Name{}
	}
	return n
}

// Name is the best name of a device: "" where it has none.
func (d *Device) Name() string { return d.names[0].String() }

// From is where the best name came from.
func (d *Device) From() Origin { return d.names[0].From }

// Names are the two best names, the better one first; From says whether there is one.
func (d *Device) Names() [2]Name { return d.names }

// call gives a device a name, among the best two if it is good enough, in the
// place of an earlier one of the same origin. It says whether the best one changed.
func (d *Device) call(n Name) bool {
	if n.From == FromNobody || d.Kind == Group {
		return false
	}
	was := d.names[0]
	switch {
	case n == d.names[0] || n == d.names[1]:
		return false
	case n.From == d.names[0].From:
		d.names[0] = n
	case n.From > d.names[0].From:
		if d.names[0].From != FromNobody {
			d.names[1] = d.names[0]
		}
		d.names[0] = n
	case n.From >= d.names[1].From:
		d.names[1] = n
	default:
		return false
	}
	d.Flags |= Changed
	return d.names[0] != was
}

// uncall takes the names of an origin away.
func (d *Device) uncall(from Origin) {
	if d.names[1].From == from {
		d.names[1] = Name{}
		d.Flags |= Changed
	}
	if d.names[0].From == from {
		d.names[0], d.names[1] = d.names[1], Name{}
		d.Flags |= Changed
	}
}

// Rename gives a device the user's own name; empty takes it away again. The caller holds the lock.
func (t *Table) Rename(id ID, text string) {
	d := t.At(id)
	if d == nil || d.Kind == Group {
		return
	}
	was := d.names[0]
	d.uncall(FromUser)
	d.call(makeName(FromUser, []byte(text)))
	if d.names[0] != was {
		t.note(Named, id)
	}
}

// name gives a device a name and notes the event.
func (t *Table) name(id ID, from Origin, text []byte) {
	if d := t.At(id); d != nil && d.call(makeName(from, text)) {
		t.note(Named, id)
	}
}
