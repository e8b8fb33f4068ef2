package event

import (
	"math/bits"
	"slices"

	"netifyd/core/attr"
	"netifyd/core/flow"
	"netifyd/core/packet"
)

// AppendFlow writes what is known about a flow: type "flow". In dialect 5 its counters are there too.
func AppendFlow(dst []byte, d Dialect, f *Flow) []byte {
	dst = appendEnvelope(dst, d, f)
	if d == V5 {
		dst = appendFull(dst, f)
	} else {
		dst = flowObjects[d].append(dst, d, f, f.objects())
	}
	return endEnvelope(dst, f, typeFlow)
}

const typeFlow = `,"type":"flow"}` + "\n"

// Update is line, a "flow" of dialect 5 in a buffer of its own, as type "flow_dpi_update".
func Update(line []byte) []byte {
	return append(line[:len(line)-len(typeFlow)], `,"type":"flow_dpi_update"}`+"\n"...)
}

// Complete is line, a "flow" of dialect 5 in a buffer of its own, as type "flow_dpi_complete".
func Complete(line []byte) []byte {
	return append(line[:len(line)-len(typeFlow)], `,"type":"flow_dpi_complete"}`+"\n"...)
}

// appendEnvelope writes what comes before the flow object.
func appendEnvelope(dst []byte, d Dialect, f *Flow) []byte {
	if d == V5 {
		return append(dst, `{"flow":`...)
	}
	dst = append(dst, `{"established":`...)
	dst = appendBool(dst, f.Established)
	return append(dst, `,"flow":`...)
}

// endEnvelope writes what comes after the flow object; tail begins after "internal".
func endEnvelope(dst []byte, f *Flow, tail string) []byte {
	dst = append(dst, `,"interface":`...)
	dst = appendString(dst, f.Iface.Name)
	dst = append(dst, `,"internal":`...)
	dst = appendBool(dst, f.Iface.Internal)
	return append(dst, tail...)
}

// flowObjects is the flow object of a "flow" line in the dialects before 5. 3 had
// neither risks nor categories, and some of its readers count braces.
var flowObjects = [...]object[Flow]{
	V3: sorted(slices.Concat(attrFields(V3), some, apart, earlier)...),
	V4: sorted(slices.Concat(attrFields(V4), some, apart, earlier, []field[Flow]{member("category", appendCategory), risks})...),
}

var risks = member("risks", appendRisks)

// appendRisks writes the scores and, where there are any, the numbers of the risks.
func appendRisks(b []byte, _ Dialect, f *Flow) []byte {
	if f.Risks == 0 {
		return append(b, `{"ndpi_risk_score":0,"ndpi_risk_score_client":0,"ndpi_risk_score_server":0}`...)
	}
	total, client, server := f.Risks.Score()
	b = appendUint(append(b, `{"ndpi_risk_score":`...), uint64(total))
	b = appendUint(append(b, `,"ndpi_risk_score_client":`...), uint64(client))
	b = appendUint(append(b, `,"ndpi_risk_score_server":`...), uint64(server))
	next := `,"risks":[`
	for left := f.Risks; left != 0; left &= left - 1 {
		b = appendUint(append(b, next...), uint64(bits.TrailingZeros64(uint64(left))))
		next = ","
	}
	return append(b, "]}"...)
}

// earlier are the members that dialect 5 lacks.
var earlier = []field[Flow]{member("first_update_at", appendFirstUpdate)}

// some are members that few flows have.
var some = []field[Flow]{
	rare(dnsName, appendDNSName),
	rare("gtp", appendGTP),
	rare(hostName, appendHost),
	rare("tunnel", appendTunnel),
	rare("twin", appendTwin),
}

// apart are the members that every flow has, which dialect 5 writes several at a time: five.go has why.
var apart = []field[Flow]{
	member("detected_application", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, uint64(f.Rec.App)) }),
	member("detected_application_name", appendApplication),
	member("detected_protocol", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, uint64(f.Rec.Proto)) }),
	member("detected_protocol_name", appendProtocol),
	member("detection_confidence", func(b []byte, _ Dialect, f *Flow) []byte {
		sure := f.Rec.HowSure()
		if sure == flow.ByNothing {
			return b
		}
		return appendWord(b, sure.String())
	}),
	member("detection_guessed", appendGuessed),
	bit("detection_updated", flow.Updated),
	bit("dhc_hit", flow.HintHit),
	member("digest", appendDigest),
	member("first_seen_at", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, milliseconds(f.Rec.First)) }),
	bit("ip_nat", flow.NAT),
	member("ip_protocol", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, uint64(f.Rec.Protocol)) }),
	member("ip_version", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, uint64(f.Rec.Version)) }),
	member("last_seen_at", appendLastSeen),
	member("local_ip", func(b []byte, _ Dialect, f *Flow) []byte {
		return appendIP(b, f.Rec.Version, f.Rec.Addr[f.Rec.Local()])
	}),
	member("local_mac", func(b []byte, _ Dialect, f *Flow) []byte { return appendMAC(b, f.Rec.MAC[f.Rec.Local()]) }),
	member("local_origin", func(b []byte, _ Dialect, f *Flow) []byte { return appendBool(b, f.Rec.LocalOrigin()) }),
	member("local_port", func(b []byte, _ Dialect, f *Flow) []byte {
		return appendUint(b, uint64(f.Rec.Port[f.Rec.Local()]))
	}),
	member("other_ip", func(b []byte, _ Dialect, f *Flow) []byte { return appendIP(b, f.Rec.Version, f.Rec.Addr[other(f)]) }),
	member("other_mac", func(b []byte, _ Dialect, f *Flow) []byte { return appendMAC(b, f.Rec.MAC[other(f)]) }),
	member("other_port", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, uint64(f.Rec.Port[other(f)])) }),
	member("other_type", func(b []byte, _ Dialect, f *Flow) []byte { return appendWord(b, f.Rec.Other.String()) }),
	bit("soft_dissector", flow.Soft),
	member("vlan_id", appendVLAN),
}

func bit(name string, mask flow.Flags) field[Flow] {
	return member(name, func(b []byte, _ Dialect, f *Flow) []byte { return appendBool(b, f.Rec.Flags&mask != 0) })
}

func other(f *Flow) flow.Side { return 1 - f.Rec.Local() }

func appendCategory(b []byte, _ Dialect, f *Flow) []byte {
	b = appendUint(append(b, `{"application":`...), uint64(f.Rec.AppCategory))
	b = appendUint(append(b, `,"domain":`...), uint64(f.Rec.DomainCategory))
	b = appendUint(append(b, `,"protocol":`...), uint64(f.Rec.ProtoCategory))
	return append(b, '}')
}

func appendVLAN(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, uint64(f.Rec.VLAN)) }

func appendApplication(b []byte, d Dialect, f *Flow) []byte {
	if f.Rec.App == 0 || f.AppTag == "" {
		return append(b, `"Unknown"`...)
	}
	return appendTag(b, d, f.Rec.App, f.AppTag)
}

// appendTag writes an application's name: dialect 3 puts its number before it.
func appendTag(b []byte, d Dialect, id uint32, tag string) []byte {
	if d != V3 {
		return appendString(b, tag)
	}
	b = appendUint(append(b, '"'), uint64(id))
	start := len(b)
	b = appendString(b, tag)
	b[start] = '.' // in place of the opening quote
	return b
}

func appendProtocol(b []byte, d Dialect, f *Flow) []byte {
	if d == V3 {
		return appendWord(b, f.Rec.Proto.Name3())
	}
	return appendWord(b, f.Rec.Proto.Name())
}

func appendGuessed(b []byte, d Dialect, f *Flow) []byte {
	guessed := f.Rec.Flags&flow.Guessed != 0
	switch {
	case d != V3:
		return appendBool(b, guessed)
	case guessed:
		return append(b, '1')
	}
	return append(b, '0')
}

func appendDigest(b []byte, _ Dialect, f *Flow) []byte {
	b = appendHex(append(b, '"'), f.Digest[:])
	return append(b, '"')
}

// appendFirstUpdate writes when the flow was first told of; its first packet's time where that is now.
func appendFirstUpdate(b []byte, _ Dialect, f *Flow) []byte {
	return appendUint(b, milliseconds(f.Rec.First)+uint64(f.Rec.Sent))
}

func appendLastSeen(b []byte, _ Dialect, f *Flow) []byte {
	return appendUint(b, milliseconds(f.Rec.Last))
}

// Host is the name that the flow itself spoke, else what a DNS answer said.
func (f *Flow) Host() []byte {
	if f.Attrs != nil {
		if name := f.Attrs.Get(attr.HostName); len(name) > 0 {
			return name
		}
	}
	return f.answered()
}

// answered is what a DNS answer called the other address.
func (f *Flow) answered() []byte {
	if len(f.DNSName) == 0 && f.Attrs != nil {
		return f.Attrs.Get(attr.DNSHostName)
	}
	return f.DNSName
}

func appendDNSName(b []byte, _ Dialect, f *Flow) []byte {
	if name := f.answered(); len(name) > 0 {
		return appendString(b, name)
	}
	return b
}

// appendHost writes the name that the flow itself spoke, else what a DNS answer said.
func appendHost(b []byte, _ Dialect, f *Flow) []byte {
	if name := f.Host(); len(name) > 0 {
		return appendString(b, name)
	}
	return b
}

func appendTunnel(b []byte, _ Dialect, f *Flow) []byte {
	t := f.Tunnel
	if t == nil || t.Type == packet.TunnelNone {
		return b
	}
	b = append(b, '{')
	if t.Version != 0 {
		b = appendIP(append(b, `"local_ip":`...), t.Version, t.Local)
		b = appendIP(append(b, `,"other_ip":`...), t.Version, t.Other)
		b = append(b, ',')
	}
	b = appendString(append(b, `"type":`...), t.Type.String())
	return append(b, '}')
}

// isGTP says that the outer packet was one of GTP-U, and is known.
func (t *Tunnel) isGTP() bool { return t != nil && t.Type == packet.TunnelGTP && t.Version != 0 }

func appendGTP(b []byte, d Dialect, f *Flow) []byte {
	t := f.Tunnel
	if !t.isGTP() {
		return b
	}
	b = append(b, '{')
	if d == V5 { // netifyd 4 has none
		b = append(appendUint(append(b, `"ip_dscp":`...), uint64(t.DSCP)), ',')
	}
	b = appendUint(append(b, `"ip_version":`...), uint64(t.Version))
	b = appendIP(append(b, `,"local_ip":`...), t.Version, t.Local)
	b = appendUint(append(b, `,"local_port":`...), uint64(t.LocalPort))
	b = appendUint(append(b, `,"local_teid":`...), uint64(t.LocalTEID))
	b = appendIP(append(b, `,"other_ip":`...), t.Version, t.Other)
	b = appendUint(append(b, `,"other_port":`...), uint64(t.OtherPort))
	b = appendUint(append(b, `,"other_teid":`...), uint64(t.OtherTEID))
	b = appendString(append(b, `,"other_type":`...), t.OtherType.String())
	b = appendUint(append(b, `,"version":`...), uint64(t.GTPVersion))
	return append(b, '}')
}
