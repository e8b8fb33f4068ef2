package expr

import (
	"maps"
	"net/netip"
	"slices"
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

func num(max uint64, get func(*Input) uint64) *field {
	return &field{form: number, max: max, num: get, note: "a number"}
}

func flag(get func(*Input) bool) *field {
	return &field{form: boolean, note: "true or false", num: func(in *Input) uint64 {
		if get(in) {
			return 1
		}
		return 0
	}}
}

func cats(get func(*Input) (uint8, uint8)) *field {
	return &field{form: category, cats: get, note: "a category's tag, as 'streaming-media'"}
}

var (
	appField   = &field{form: application, note: "a tag, as 'netify.netflix', or a number", num: func(in *Input) uint64 { return uint64(in.App) }, max: 1<<32 - 1}
	protoField = &field{form: protocol, note: "a protocol's name, as 'TLS', or a number", num: func(in *Input) uint64 { return uint64(in.Proto) }, max: 1<<16 - 1}
	anyCat     = cats(func(in *Input) (uint8, uint8) { return in.AppCategory, in.DomCategory })
	appCat     = cats(func(in *Input) (uint8, uint8) { return in.AppCategory, in.AppCategory })
	domCat     = cats(func(in *Input) (uint8, uint8) { return in.DomCategory, in.DomCategory })
	netCat     = cats(func(in *Input) (uint8, uint8) { return in.NetCategory, in.NetCategory })
	protoCat   = &field{form: protocolCategory, note: "a protocol category's tag, as 'web'", cats: func(in *Input) (uint8, uint8) { return in.ProtoCategory, in.ProtoCategory }}
)

const addressNote = "an address or prefix, as '192.0.2.0/24', or a @group"

func macs(get func(*Input) (*[6]byte, *[6]byte)) *field {
	return &field{form: mac, mac: get, note: "an address, as '02:00:5e:00:00:01', or a @group"}
}

// The interface is the one that the flow was seen at: a queue of the kernel
// would know one for each way, a capture does not.
var ifaceField = &field{form: iface, note: "a name, as 'br-lan', or '*' for any"}

// usedField is what the flow's device used: Options.Used knows of which time.
var usedField = &field{form: used, note: "bytes, as 2GiB; in rules only"}

var fields = map[string]*field{
	"ip_protocol":        num(255, func(in *Input) uint64 { return uint64(in.IPProtocol) }),
	"ip_version":         {form: version, num: func(in *Input) uint64 { return uint64(in.IPVersion) }, note: "4 or 6"},
	"vlan_id":            num(4095, func(in *Input) uint64 { return uint64(in.VLAN) }),
	"local_port":         num(65535, func(in *Input) uint64 { return uint64(in.LocalPort) }),
	"other_port":         num(65535, func(in *Input) uint64 { return uint64(in.OtherPort) }),
	"ndpi_risk_score":    num(65535, func(in *Input) uint64 { return uint64(in.RiskScore) }),
	"ndpi_risk_client":   num(65535, func(in *Input) uint64 { return uint64(in.RiskClient) }),
	"ndpi_risk_server":   num(65535, func(in *Input) uint64 { return uint64(in.RiskServer) }),
	"ssl_version":        num(65535, func(in *Input) uint64 { return uint64(in.TLSVersion) }),
	"tls_version":        num(65535, func(in *Input) uint64 { return uint64(in.TLSVersion) }),
	"ssl_cipher":         num(65535, func(in *Input) uint64 { return uint64(in.TLSCipher) }),
	"tls_cipher":         num(65535, func(in *Input) uint64 { return uint64(in.TLSCipher) }),
	"fwmark":             num(1<<32-1, func(in *Input) uint64 { return uint64(in.Mark) }),
	"ip_nat":             flag(func(in *Input) bool { return in.NAT }),
	"internal":           flag(func(in *Input) bool { return in.Internal }),
	"detection_guessed":  flag(func(in *Input) bool { return in.Guessed }),
	"detection_updated":  flag(func(in *Input) bool { return in.Updated }),
	"detection_complete": flag(func(in *Input) bool { return in.Complete }),
	"other_type": {form: class, num: func(in *Input) uint64 { return uint64(in.OtherType) },
		list: []string{"other_unknown", "other_unsupported", "other_local", "other_multicast", "other_broadcast", "other_remote", "other_error"}},
	"origin": {form: class, num: func(in *Input) uint64 { return uint64(in.Origin) },
		list: []string{"origin_unknown", "origin_local", "origin_other", "origin_remote"}},
	"tunnel_type": {form: text, text: func(in *Input) string { return in.Tunnel }, note: "a tunnel's type, as tunnel_gtp, or tunnel_none"},
	"interface":   ifaceField, "iface": ifaceField, "iface_nfq_src": ifaceField, "iface_nfq_dst": ifaceField,
	"local_mac":   macs(func(in *Input) (*[6]byte, *[6]byte) { return &in.LocalMAC, &in.LocalMAC }),
	"other_mac":   macs(func(in *Input) (*[6]byte, *[6]byte) { return &in.OtherMAC, &in.OtherMAC }),
	"mac":         macs(func(in *Input) (*[6]byte, *[6]byte) { return &in.LocalMAC, &in.OtherMAC }),
	"local_ip":    {form: address, addr: func(in *Input) netip.Addr { return in.LocalIP }, note: addressNote},
	"other_ip":    {form: address, addr: func(in *Input) netip.Addr { return in.OtherIP }, note: addressNote},
	"device":      {form: device, note: "a device's name or address, or a @group; in rules only"},
	"usage.today": usedField, "usage.period": usedField,
	"app": appField, "application": appField, "app_id": appField, "application_id": appField,
	"proto": protoField, "protocol": protoField, "proto_id": protoField, "protocol_id": protoField,
	"cat": anyCat, "category": anyCat,
	"app_category": appCat, "application_category": appCat,
	"dom_category": domCat, "domain_category": domCat,
	"network_category": netCat,
	"proto_category":   protoCat, "protocol_category": protoCat,
	"risks":             {form: riskName, note: "a risk's name, as 'Clear-Text Credentials'"},
	"detected_hostname": {form: host, host: func(in *Input) []byte { return in.Host }, note: "a name, as 'example.com', or 'rx:REGEX'"},
	"dns_hostname":      {form: host, host: func(in *Input) []byte { return in.DNSHost }, note: "a name, as 'example.com', or 'rx:REGEX'"},
}

// short are the fields of the compact form: "ai:netify.netflix".
var short = map[string]*field{"ai": appField, "pi": protoField, "ac": appCat, "pc": protoCat, "dc": domCat}

// Fields are the names of all fields, sorted, with what values each takes.
func Fields(fn func(name, values string)) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f := fields[name]
		note := f.note
		if f.form == class {
			note = strings.Join(f.list, ", ")
		}
		fn(name, note)
	}
}
