package compact

import (
	"crypto/sha256"
	"net/netip"
	"slices"
	"sort"
	"strings"
)

// Builder collects a catalogue and compiles it. What is given twice counts as
// it was given last. The zero Builder is ready.
type Builder struct {
	Date    uint32 // of the catalogue, as 20261231
	text    strings.Builder
	apps    []byte
	count   int    // of applications
	lastID  uint32 // of the last one
	domains []named
	rules   []named
	nets    []network
	twins   []twin
}

type named struct {
	name string
	app  int
}

type twin struct {
	protocol uint16
	app      int
}

// App adds an application and returns its number. Tag and label have at most 255 bytes.
func (b *Builder) App(a App) int {
	tag, flags := a.Tag, byte(0)
	if a.Network {
		flags |= isNetwork
	}
	if rest, cut := strings.CutPrefix(tag, prefix); cut {
		tag, flags = rest, flags|hasPrefix
	}
	follows := string(tagOf(nil, a.Label)) == tag
	if follows {
		flags |= tagFollows
	}
	next := a.ID == b.lastID+1
	if next {
		flags |= idFollows
	}
	b.lastID = a.ID
	b.apps = append(b.apps, flags, a.Category, uint8(len(a.Label)))
	if !next {
		b.apps = append32(b.apps, a.ID)
	}
	if !follows {
		b.apps = append(append(b.apps, uint8(len(tag))), tag...)
	}
	b.apps = append(b.apps, a.Label...)
	b.count++
	return b.count - 1
}

// Domain adds a lower-case name, which stands for itself and all below it.
func (b *Builder) Domain(name string, app int) { b.domains = append(b.domains, named{name, app}) }

// Rule adds a host rule in lower case: labels of which the first has a *.
func (b *Builder) Rule(pattern string, app int) { b.rules = append(b.rules, named{pattern, app}) }

// Network adds a prefix of remote addresses.
func (b *Builder) Network(p netip.Prefix, app int) {
	b.nets = append(b.nets, network{p.Masked(), app})
}

// Twin adds a protocol that stands for an application by itself.
func (b *Builder) Twin(protocol uint16, app int) {
	b.twins = slices.DeleteFunc(b.twins, func(t twin) bool { return t.protocol == protocol })
	b.twins = append(b.twins, twin{protocol, app})
}

func (b *Builder) put(s string) uint32 {
	at := b.text.Len()
	b.text.WriteString(s)
	return uint32(at)
}

// Compile is the compiled catalogue. Equal calls give equal bytes.
func (b *Builder) Compile() string {
	domains, rules := unique(b.domains), unique(b.rules)
	value := make(map[string]uint16, len(domains))
	for _, d := range domains {
		value[d.name] = uint16(d.app + 1)
	}
	for _, r := range rules {
		_, end := anchor(r.name)
		value[end] |= hasRules
	}
	names, number := newListing(value)
	ruleSection := b.ruleSection(rules, number)
	range4, range6 := b.ranges()
	return assemble(b.Date, [sections]string{
		secApps: string(append32(nil, uint32(b.count))) + string(b.apps), secBlocks: names.blocks, secNames: names.names, secRules: ruleSection,
		sec4: range4, sec6: range6, secTwins: b.twinSection(), secText: b.text.String(),
	})
}

func assemble(date uint32, part [sections]string) string {
	out := append([]byte(Magic), make([]byte, sha256.Size)...)
	out = append32(out, date)
	at := uint32(headerSize)
	for _, p := range part {
		out = append32(out, at)
		at += uint32(len(p))
	}
	out = append32(out, at)
	for _, p := range part {
		out = append(out, p...)
	}
	sum := sha256.Sum256(out[dateAt:])
	copy(out[digestAt:], sum[:])
	return string(out)
}

// unique sorts by name; of equal names the last given stays.
func unique(list []named) []named {
	list = slices.Clone(list)
	slices.Reverse(list)
	sort.SliceStable(list, func(i, j int) bool { return list[i].name < list[j].name })
	return slices.CompactFunc(list, func(a, b named) bool { return a.name == b.name })
}

// anchor cuts a host rule before its fixed end: "a-*.b" and "example.com".
func anchor(rule string) (before, end string) {
	star := strings.LastIndexByte(rule, '*')
	dot := strings.IndexByte(rule[star:], '.')
	return rule[:star+dot], rule[star+dot+1:]
}

func (b *Builder) ruleSection(rules []named, number map[string]int) string {
	type row struct {
		name, text uint32
		app, size  int
	}
	rows := make([]row, len(rules))
	for i, r := range rules {
		before, end := anchor(r.name)
		rows[i] = row{uint32(number[end]), b.put(before), r.app, len(before)}
	}
	sort.SliceStable(rows, func(i, j int) bool { // among the rules of one name the longest is the most particular
		return rows[i].name < rows[j].name || rows[i].name == rows[j].name && rows[i].size > rows[j].size
	})
	var out []byte
	for _, r := range rows {
		out = append32(append32(out, r.name), r.text)
		out = append(out, byte(r.app), byte(r.app>>8), byte(r.size), 0)
	}
	return string(out)
}

func (b *Builder) ranges() (range4, range6 string) {
	var four, six []network
	for _, n := range b.nets {
		if n.prefix.Addr().Is4() {
			four = append(four, n)
		} else {
			six = append(six, n)
		}
	}
	pack := func(nets []network) string {
		var out []byte
		for _, s := range flatten(nets) {
			a := s.from.AsSlice()
			if len(a) == 4 {
				slices.Reverse(a)
			}
			out = append(append(out, a...), byte(s.bits), 0, byte(s.value), byte(s.value>>8))
		}
		return string(out)
	}
	return pack(four), pack(six)
}

func (b *Builder) twinSection() string {
	var out []byte
	for _, t := range b.twins {
		out = append(out, byte(t.protocol), byte(t.protocol>>8), byte(t.app), byte(t.app>>8))
	}
	return string(out)
}
