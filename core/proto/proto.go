// Package proto holds the identifiers of protocols and of their categories as
// they appear in events. The numbers below 10000 are those of netifyd 4.x.
package proto

import "strings"

//go:generate go run gen.go

// ID identifies a protocol. 0 is Unknown.
type ID uint16

// Category identifies a class of protocols.
type Category uint8

// Categories, with the numbers of netifyd 4.x.
const (
	Unclassified   Category = 1
	Database       Category = 2
	FileServer     Category = 4
	FileSharing    Category = 5
	Games          Category = 7
	Infrastructure Category = 9
	Mail           Category = 11
	Media          Category = 12
	MediaProvider  Category = 13
	Networking     Category = 14
	Proxy          Category = 16
	Authentication Category = 17
	RemoteDesktop  Category = 18
	VoIP           Category = 20
	VPN            Category = 21
	Web            Category = 22
	Messaging      Category = 24
	Printing       Category = 25
)

var categoryTags = map[Category]string{
	Unclassified: "unclassified", Database: "database", FileServer: "file-server",
	FileSharing: "file-sharing", Games: "games", Infrastructure: "infrastructure",
	Mail: "mail", Media: "media", MediaProvider: "media-provider", Networking: "networking",
	Proxy: "proxy", Authentication: "authentication", RemoteDesktop: "remote-desktop",
	VoIP: "voip", VPN: "vpn", Web: "web", Messaging: "messaging", Printing: "printing",
}

// String is the category's tag, as in netify-categories.json.
func (c Category) String() string { return categoryTags[c] }

type entry struct {
	id   ID
	name string
	cat  Category
}

// index of an identifier in table, plus one; 0: no such protocol.
var index [10512]uint16

func init() {
	for i, e := range table {
		index[e.id] = uint16(i + 1)
	}
}

func find(id ID) (entry, bool) {
	if int(id) >= len(index) || index[id] == 0 {
		return entry{}, false
	}
	return table[index[id]-1], true
}

// Name is the protocol's name in dialect 4 ("HTTP/S"). "Unknown" for an identifier that has none.
func (id ID) Name() string {
	if e, ok := find(id); ok {
		return e.name
	}
	return "Unknown"
}

func (id ID) String() string { return id.Name() }

// Name3 is the protocol's name in dialect 3, which spells the TLS twins
// without a slash ("HTTPS", "IMAPS").
func (id ID) Name3() string {
	switch id {
	case HTTPS:
		return "HTTPS"
	case IMAPS:
		return "IMAPS"
	case SMTPS:
		return "SMTPS"
	case POP3S:
		return "POP3S"
	case FTPS:
		return "FTPS"
	}
	return id.Name()
}

// Category is the protocol's class; 0 for Unknown, as netifyd has it.
func (id ID) Category() Category {
	if e, ok := find(id); ok && id != Unknown {
		return e.cat
	}
	return 0
}

// All calls fn for every protocol in the order of identifiers, Unknown included.
func All(fn func(id ID, name string)) {
	for _, e := range table {
		fn(e.id, e.name)
	}
}

// Categories calls fn for every category of protocols in the order of their numbers.
func Categories(fn func(id Category, tag string)) {
	for c := range Category(64) {
		if tag := c.String(); tag != "" {
			fn(c, tag)
		}
	}
}

// Parse finds a protocol by its name of any dialect, without regard to case
// or to anything but letters and digits.
func Parse(name string) (ID, bool) {
	want := plain(name)
	if want == "" {
		return 0, false
	}
	for _, e := range table {
		if plain(e.name) == want {
			return e.id, true
		}
	}
	return 0, false
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 32
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// Places is how many protocols there are, for tables by protocol.
const Places = len(table)

// Place is the identifier's row in tables of size Places; that of Unknown where it is none.
func (id ID) Place() int {
	if int(id) >= len(index) || index[id] == 0 {
		return 0
	}
	return int(index[id]) - 1
}

// At is the identifier whose Place is i.
func At(i int) ID { return table[i].id }
