package expr

import (
	"net/netip"
	"sort"
	"strings"
)

// form is what values a field is compared with.
type form uint8

const (
	number form = iota
	version
	boolean
	class // a name of a fixed list
	mac
	address
	application
	protocol
	category
	protocolCategory
	riskName
	host
	text
	iface
	device // a group of addresses
	used   // a group of devices, by what they used
)

// field is something that an expression asks about. Of the getters the one that the form needs is set.
type field struct {
	form form
	max  uint64
	num  func(*Input) uint64
	cats func(*Input) (uint8, uint8)       // either may be meant
	mac  func(*Input) (*[6]byte, *[6]byte) // either may be meant
	addr func(*Input) netip.Addr
	host func(*Input) []byte
	text func(*Input) string
	list []string // names of a class; the place is the number
	note string   // what values it takes
}

// What follows is all known to the linker: no code of the start makes it.
const (
	numberNote   = "a number"
	flagNote     = "true or false"
	categoryNote = "a category's tag, as 'streaming-media'"
	macNote      = "an address, as '02:00:5e:00:00:01', or a @group"
	addressNote  = "an address or prefix, as '192.0.2.0/24', or a @group"
	hostNote     = "a name, as 'example.com', or 'rx:REGEX'"
)

func bit(yes bool) uint64 {
	if yes {
		return 1
	}
	return 0
}

func tlsVersion(in *Input) uint64 { return uint64(in.TLSVersion) }
func tlsCipher(in *Input) uint64  { return uint64(in.TLSCipher) }

var (
	appField   = field{form: application, note: "a tag, as 'netify.netflix', or a number", num: func(in *Input) uint64 { return uint64(in.App) }, max: 1<<32 - 1}
	protoField = field{form: protocol, note: "a protocol's name, as 'TLS', or a number", num: func(in *Input) uint64 { return uint64(in.Proto) }, max: 1<<16 - 1}
	anyCat     = field{form: category, note: categoryNote, cats: func(in *Input) (uint8, uint8) { return in.AppCategory, in.DomCategory }}
	appCat     = field{form: category, note: categoryNote, cats: func(in *Input) (uint8, uint8) { return in.AppCategory, in.AppCategory }}
	domCat     = field{form: category, note: categoryNote, cats: func(in *Input) (uint8, uint8) { return in.DomCategory, in.DomCategory }}
	netCat     = field{form: category, note: categoryNote, cats: func(in *Input) (uint8, uint8) { return in.NetCategory, in.NetCategory }}
	protoCat   = field{form: protocolCategory, note: "a protocol category's tag, as 'web'", cats: func(in *Input) (uint8, uint8) { return in.ProtoCategory, in.ProtoCategory }}

	otherPort   = field{form: number, max: 65535, note: numberNote, num: func(in *Input) uint64 { return uint64(in.OtherPort) }}
	versionOf   = field{form: number, max: 65535, note: numberNote, num: tlsVersion}
	cipherOf    = field{form: number, max: 65535, note: numberNote, num: tlsCipher}
	updated     = field{form: boolean, note: flagNote, num: func(in *Input) uint64 { return bit(in.Updated) }}
	complete    = field{form: boolean, note: flagNote, num: func(in *Input) uint64 { return bit(in.Complete) }}
	tunnelField = field{form: text, text: func(in *Input) string { return in.Tunnel }, note: "a tunnel's type, as tunnel_gtp, or tunnel_none"}
	originField = field{form: class, num: func(in *Input) uint64 { return uint64(in.Origin) },
		list: []string{"origin_unknown", "origin_local", "origin_other", "origin_remote"}}

	// The interface is the one that the flow was seen at: a queue of the kernel
	// would know one for each way, a capture does not.
	ifaceField = field{form: iface, note: "a name, as 'br-lan', or '*' for any"}
	// What the flow's device used: Options.Used knows of which time.
	usedField = field{form: used, note: "bytes, as 2GiB; in rules only"}
)

// fields are all, by their names.
var fields = [...]struct {
	name string
	*field
}{
	{"app", &appField}, {"application", &appField}, {"app_id", &appField}, {"application_id", &appField},
	{"proto", &protoField}, {"protocol", &protoField}, {"proto_id", &protoField}, {"protocol_id", &protoField},
	{"cat", &anyCat}, {"category", &anyCat}, {"app_category", &appCat}, {"application_category", &appCat},
	{"dom_category", &domCat}, {"domain_category", &domCat}, {"network_category", &netCat},
	{"proto_category", &protoCat}, {"protocol_category", &protoCat},
	{"interface", &ifaceField}, {"iface", &ifaceField}, {"iface_nfq_src", &ifaceField}, {"iface_nfq_dst", &ifaceField},
	{"usage.today", &usedField}, {"usage.period", &usedField},
	{"other_port", &otherPort}, {"tunnel_type", &tunnelField}, {"origin", &originField},
	{"ssl_version", &versionOf}, {"tls_version", &versionOf}, {"ssl_cipher", &cipherOf}, {"tls_cipher", &cipherOf},
	{"detection_updated", &updated}, {"detection_complete", &complete},
	{"ip_protocol", &field{form: number, max: 255, note: numberNote, num: func(in *Input) uint64 { return uint64(in.IPProtocol) }}},
	{"ip_version", &field{form: version, num: func(in *Input) uint64 { return uint64(in.IPVersion) }, note: "4 or 6"}},
	{"vlan_id", &field{form: number, max: 4095, note: numberNote, num: func(in *Input) uint64 { return uint64(in.VLAN) }}},
	{"local_port", &field{form: number, max: 65535, note: numberNote, num: func(in *Input) uint64 { return uint64(in.LocalPort) }}},
	{"ndpi_risk_score", &field{form: number, max: 65535, note: numberNote, num: func(in *Input) uint64 { return uint64(in.RiskScore) }}},
	{"ndpi_risk_client", &field{form: number, max: 65535, note: numberNote, num: func(in *Input) uint64 { return uint64(in.RiskClient) }}},
	{"ndpi_risk_server", &field{form: number, max: 65535, note: numberNote, num: func(in *Input) uint64 { return uint64(in.RiskServer) }}},
	{"fwmark", &field{form: number, max: 1<<32 - 1, note: numberNote, num: func(in *Input) uint64 { return uint64(in.Mark) }}},
	{"ip_nat", &field{form: boolean, note: flagNote, num: func(in *Input) uint64 { return bit(in.NAT) }}},
	{"internal", &field{form: boolean, note: flagNote, num: func(in *Input) uint64 { return bit(in.Internal) }}},
	{"detection_guessed", &field{form: boolean, note: flagNote, num: func(in *Input) uint64 { return bit(in.Guessed) }}},
	{"other_type", &field{form: class, num: func(in *Input) uint64 { return uint64(in.OtherType) },
		list: []string{"other_unknown", "other_unsupported", "other_local", "other_multicast", "other_broadcast", "other_remote", "other_error"}}},
	{"local_mac", &field{form: mac, note: macNote, mac: func(in *Input) (*[6]byte, *[6]byte) { return &in.LocalMAC, &in.LocalMAC }}},
	{"other_mac", &field{form: mac, note: macNote, mac: func(in *Input) (*[6]byte, *[6]byte) { return &in.OtherMAC, &in.OtherMAC }}},
	{"mac", &field{form: mac, note: macNote, mac: func(in *Input) (*[6]byte, *[6]byte) { return &in.LocalMAC, &in.OtherMAC }}},
	{"local_ip", &field{form: address, addr: func(in *Input) netip.Addr { return in.LocalIP }, note: addressNote}},
	{"other_ip", &field{form: address, addr: func(in *Input) netip.Addr { return in.OtherIP }, note: addressNote}},
	{"device", &field{form: device, note: "a device's name or address, or a @group; in rules only"}},
	{"risks", &field{form: riskName, note: "a risk's name, as 'Clear-Text Credentials'"}},
	{"detected_hostname", &field{form: host, host: func(in *Input) []byte { return in.Host }, note: hostNote}},
	{"dns_hostname", &field{form: host, host: func(in *Input) []byte { return in.DNSHost }, note: hostNote}},
}

// fieldOf is the field of a name in lower case; nil: there is none.
func fieldOf(name string) *field {
	for i := range fields {
		if fields[i].name == name {
			return fields[i].field
		}
	}
	return nil
}

// shortOf is the field of the compact form: "ai:netify.netflix".
func shortOf(name string) *field {
	switch name {
	case "ai":
		return &appField
	case "pi":
		return &protoField
	case "ac":
		return &appCat
	case "pc":
		return &protoCat
	case "dc":
		return &domCat
	}
	return nil
}

// Fields are the names of all fields, sorted, with what values each takes.
func Fields(fn func(name, values string)) {
	order := make([]int, len(fields))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return fields[order[a]].name < fields[order[b]].name })
	for _, i := range order {
		f := fields[i].field
		note := f.note
		if f.form == class {
			note = strings.Join(f.list, ", ")
		}
		fn(fields[i].name, note)
	}
}
