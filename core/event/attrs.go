package event

import (
	"slices"
	"sort"

	"netifyd/core/attr"
	"netifyd/core/flow"
	"netifyd/core/proto"
)

// How many values of a list are written.
const (
	maxList  = 32
	maxNames = 8 // names of a certificate, answers of a name server
)

// group is the keys of an object of the flow, in ascending order of their names.
type group struct {
	name string
	keys []namedKey
}

type namedKey struct {
	key   attr.Key
	text  string // "name": with quotes and colon
	name  string
	info  attr.Info
	whole bool // always there where the object is, as zero
	most  int  // values of a list
}

// groups are the objects that attr's table speaks of. The group without a
// name is the flow itself.
func groups(d Dialect) []group {
	var all []group
	for k := attr.None + 1; int(k) < attr.Number; k++ {
		info := k.Info()
		if info.Name == "" {
			continue // told in another form
		}
		if d == V5 && k == attr.SSDPUserAgent {
			info.Name = "user_agent"
		}
		i := slices.IndexFunc(all, func(g group) bool { return g.name == info.Group })
		if i < 0 {
			i = len(all)
			all = append(all, group{name: info.Group})
		}
		most := maxList
		if k == attr.TLSSANs || k == attr.DNSAnswers {
			most = maxNames
		}
		all[i].keys = append(all[i].keys, namedKey{k, `"` + info.Name + `":`, info.Name, info,
			k == attr.TLSVersion || k == attr.TLSCipher, most})
	}
	for _, g := range all {
		sort.Slice(g.keys, func(i, j int) bool { return g.keys[i].name < g.keys[j].name })
		if d == V3 && g.keys[len(g.keys)-1].info.Form == attr.Uint {
			endInText(g.keys)
		}
	}
	return all
}

// endInText puts numbers first, and the last text is always there: readers of
// dialect 3 take every brace behind a zero for that of the flow. An object of
// numbers alone stays: none of these ends in a zero.
func endInText(keys []namedKey) {
	sort.SliceStable(keys, func(i, j int) bool { return keys[i].info.Form == attr.Uint && keys[j].info.Form != attr.Uint })
	last := &keys[len(keys)-1]
	last.whole = last.info.Form != attr.Uint
}

// Names of members that have more than one source.
const (
	hostName = "host_server_name"
	dnsName  = "dns_host_name"
)

// attrFields are the members of the flow that come from attr's table, and from there alone.
func attrFields(d Dialect) (fields []field[Flow]) {
	for _, g := range groups(d) {
		if d == V3 && g.name > "vlan_id" {
			continue // readers of 3.x cut a flow behind vlan_id, which is last there
		}
		if g.name != "" {
			fields = append(fields, rare(g.name, g.append))
			continue
		}
		for _, k := range g.keys {
			if k.name != hostName && k.name != dnsName {
				fields = append(fields, member(k.name, k.append))
			}
		}
	}
	return fields
}

// speaksTLS are the protocols that always have an ssl object.
var speaksTLS = func() (t [512]bool) {
	for _, id := range []proto.ID{proto.TLS, proto.DTLS, proto.QUIC, proto.HTTPS, proto.FTPS, proto.FTPSD, proto.POP3S,
		proto.SMTPS, proto.IMAPS, proto.SIPS, proto.MQTTS, proto.NNTPS, proto.IRCS, proto.SYSLOGS, proto.XMPPS, proto.DoT, proto.DoH} {
		t[id] = true
	}
	return
}()

// groupNames are the objects that attr's table speaks of, and the other members
// that few flows have; groupBits the bit of each key's: so a line asks once which of them it has.
var groupNames, groupBits = func() (names []string, bits [attr.Number]uint64) {
	names = []string{"conntrack", dnsName, "gtp", hostName, "tunnel", "twin"}
	for k := attr.None + 1; int(k) < attr.Number; k++ {
		name := k.Info().Group
		i := slices.Index(names, name)
		if i < 0 {
			i = len(names)
			names = append(names, name)
		}
		bits[k] = 1 << i
	}
	bits[attr.HostName] = bitOf(names, hostName)
	bits[attr.DNSHostName] = bitOf(names, hostName) | bitOf(names, dnsName)
	return names, bits
}()

func bitOf(names []string, name string) uint64 { return 1 << slices.Index(names, name) }

// rare makes a field that only flows have whose objects say so.
func rare(name string, value func([]byte, Dialect, *Flow) []byte) field[Flow] {
	f := member(name, value)
	f.only = bitOf(groupNames, name)
	return f
}

var (
	sslBit       = bitOf(groupNames, "ssl")
	twinBit      = bitOf(groupNames, "twin")
	conntrackBit = bitOf(groupNames, "conntrack")
	tunnelBits   = bitOf(groupNames, "tunnel") | bitOf(groupNames, "gtp")
	nameBits     = bitOf(groupNames, hostName) | bitOf(groupNames, dnsName)
)

// objects are the bits of the objects that a flow has.
func (f *Flow) objects() (bits uint64) {
	if f.Attrs != nil {
		bits = f.Attrs.Fold(&groupBits)
	}
	if int(f.Rec.Proto) < len(speaksTLS) && speaksTLS[f.Rec.Proto] {
		bits |= sslBit
	}
	if len(f.DNSName) > 0 {
		bits |= nameBits
	}
	if f.Tunnel != nil {
		bits |= tunnelBits
	}
	if f.Rec.Marks&flow.Twin != 0 {
		bits |= twinBit
	}
	if f.Conntrack != nil {
		bits |= conntrackBit
	}
	return bits
}

func (g *group) append(dst []byte, _ Dialect, f *Flow) []byte {
	dst = append(dst, '{')
	for i := range g.keys {
		k := &g.keys[i]
		if !k.whole && (f.Attrs == nil || !f.Attrs.Has(k.key)) {
			continue
		}
		dst = append(dst, k.text...)
		dst = append(k.appendValue(dst, f.Attrs), ',')
	}
	return closeObject(dst)
}

func (k *namedKey) append(dst []byte, _ Dialect, f *Flow) []byte {
	if f.Attrs == nil || !f.Attrs.Has(k.key) {
		return dst
	}
	return k.appendValue(dst, f.Attrs)
}

// appendValue writes the value, or the values of a list; zero for a number that s lacks.
func (k *namedKey) appendValue(dst []byte, s *attr.Set) []byte {
	if s == nil {
		return appendForm(dst, &k.info, nil)
	}
	if !k.info.List {
		return appendForm(dst, &k.info, s.Get(k.key))
	}
	dst = append(dst, '[')
	v, at := s.Next(k.key, 0)
	for n := 0; at != 0 && n < k.most; n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = appendForm(dst, &k.info, v)
		v, at = s.Next(k.key, at)
	}
	return append(dst, ']')
}

// appendForm writes one value in its form. A value of the wrong size is written as the zero of its form.
func appendForm(dst []byte, info *attr.Info, v []byte) []byte {
	switch info.Form {
	case attr.Hex:
		dst = append(dst, '"')
		return append(appendHex(dst, v), '"')
	case attr.Hex16:
		return appendHexNumber(dst, number(v), 4)
	case attr.Hex32:
		return appendHexNumber(dst, number(v), 8)
	case attr.Uint:
		return appendUint(dst, number(v))
	case attr.Bool:
		return appendBool(dst, number(v) != 0)
	case attr.IP:
		return appendAddress(dst, v, 0)
	case attr.Addr:
		return appendAddress(dst, v, 2)
	}
	if len(v) >= info.Limit {
		v = whole(v)
	}
	return appendString(dst, v)
}

// number is the value of PutUint.
func number(v []byte) (n uint64) {
	if len(v) != 8 {
		return 0
	}
	for _, b := range v {
		n = n<<8 | uint64(b)
	}
	return n
}

// appendAddress writes 4 or 16 bytes as an address, and the port that follows them.
func appendAddress(dst, v []byte, port int) []byte {
	n := len(v) - port
	if n != 4 && n != 16 {
		v, n = noAddress[:4+port], 4
	}
	bracket := n == 16 && port > 0
	dst = append(dst, '"')
	if bracket {
		dst = append(dst, '[')
	}
	dst = address(n == 16, v[:n]).AppendTo(dst)
	if bracket {
		dst = append(dst, ']')
	}
	if port > 0 {
		dst = appendUint(append(dst, ':'), uint64(v[n])<<8|uint64(v[n+1]))
	}
	return append(dst, '"')
}

var noAddress [6]byte
