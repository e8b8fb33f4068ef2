package event

import (
	"math"

	"netifyd/core/flow"
)

// later are the members of dialect 5 beside those that all have.
var later = []field[Flow]{
	member("app_ip_override", appendSources),
	member("category", appendCategories),
	member("conntrack", appendConntrack),
	member("detected_application", appendDetected),
	member("digest", appendDigests),
	constant[Flow]("fhc_hit", "false"), // digests do not change, so none is looked up
	member("ip_dscp", appendNetwork),
	member("local_bytes", appendLocal),
	member("other_bytes", appendOther),
	constant[Flow]("tags", "[]"), // of overlays, which we have not
	member("tcp", appendTCP),
	member("total_bytes", appendTotals),
}

// The functions below write a member and those that follow it. A full record of
// dialect 5 has a third more members than one of dialect 4; several in one go
// cost half of what they cost one by one.

func appendSources(b []byte, _ Dialect, f *Flow) []byte {
	b = appendBool(b, f.Rec.Flags&flow.AddressApp != 0)
	return appendBool(append(b, `,"app_proto_twins":`...), f.Rec.Flags&flow.TwinApp != 0)
}

func appendDetected(b []byte, d Dialect, f *Flow) []byte {
	r := f.Rec
	b = appendUint(b, uint64(r.App))
	b = appendApplication(append(b, `,"detected_application_name":`...), d, f)
	b = appendUint(append(b, `,"detected_protocol":`...), uint64(r.Proto))
	b = appendProtocol(append(b, `,"detected_protocol_name":`...), d, f)
	if sure := r.HowSure(); sure != flow.ByNothing {
		b = appendString(append(b, `,"detection_confidence":`...), sure.String())
	}
	b = appendBool(append(b, `,"detection_guessed":`...), r.Flags&flow.Guessed != 0)
	b = appendUint(append(b, `,"detection_packets":`...), uint64(r.Detect))
	b = appendBool(append(b, `,"detection_updated":`...), r.Flags&flow.Updated != 0)
	return appendBool(append(b, `,"dhc_hit":`...), r.Flags&flow.HintHit != 0)
}

// appendDigests writes the digest and the earlier ones of the flow. It never
// changes, and is the plain one that comes first there.
func appendDigests(b []byte, _ Dialect, f *Flow) []byte {
	from := len(b)
	b = appendDigest(b, 0, f)
	to := len(b)
	b = append(b, `,"digest_prev":[`...)
	return append(append(b, b[from:to]...), ']')
}

func appendNetwork(b []byte, _ Dialect, f *Flow) []byte {
	r := f.Rec
	b = appendUint(b, uint64(r.DSCP[r.Local()]))
	b = appendBool(append(b, `,"ip_nat":`...), r.Flags&flow.NAT != 0)
	b = appendUint(append(b, `,"ip_protocol":`...), uint64(r.Protocol))
	return appendUint(append(b, `,"ip_version":`...), uint64(r.Version))
}

func appendLocal(b []byte, _ Dialect, f *Flow) []byte {
	r, n := f.Rec, &f.reported
	side := r.Local()
	b = appendUint(b, n.bytes[side])
	b = appendIP(append(b, `,"local_ip":`...), r.Version, r.Addr[side])
	b = appendMAC(append(b, `,"local_mac":`...), r.MAC[side])
	b = appendBool(append(b, `,"local_origin":`...), r.LocalOrigin())
	b = appendUint(append(b, `,"local_packets":`...), n.packets[side])
	b = appendUint(append(b, `,"local_port":`...), uint64(r.Port[side]))
	return appendRate(append(b, `,"local_rate":`...), n.bytes[side], f.Interval)
}

// appendOther writes other_bytes and what follows it.
func appendOther(b []byte, _ Dialect, f *Flow) []byte {
	r, n := f.Rec, &f.reported
	side := other(f)
	b = appendUint(b, n.bytes[side])
	b = appendUint(append(b, `,"other_dscp":`...), uint64(r.DSCP[side]))
	b = appendIP(append(b, `,"other_ip":`...), r.Version, r.Addr[side])
	b = appendMAC(append(b, `,"other_mac":`...), r.MAC[side])
	b = appendUint(append(b, `,"other_packets":`...), n.packets[side])
	b = appendUint(append(b, `,"other_port":`...), uint64(r.Port[side]))
	b = appendRate(append(b, `,"other_rate":`...), n.bytes[side], f.Interval)
	return appendString(append(b, `,"other_type":`...), r.Other.String())
}

func appendTotals(b []byte, _ Dialect, f *Flow) []byte {
	return appendUint(append(appendUint(b, f.Rec.TotalBytes), `,"total_packets":`...), f.Rec.TotalPackets)
}

// MostToldBytes and MostToldPackets are the most of a side that a full record
// reports, since its flow must remember it; what is above comes with the next flow_stats.
const (
	MostToldBytes   = math.MaxUint32
	MostToldPackets = math.MaxUint16
)

// reported is the counters in a full record.
func reported(f *Flow) counts {
	n := counted(V5, f)
	for side := range n.bytes {
		n.bytes[side], n.packets[side] = min(n.bytes[side], MostToldBytes), min(n.packets[side], MostToldPackets)
	}
	return n
}

// appendCategories is appendCategory with those of networks and overlays, which we have not.
func appendCategories(b []byte, _ Dialect, f *Flow) []byte {
	b = appendUint(append(b, `{"application":`...), uint64(f.Rec.AppCategory))
	b = appendUint(append(b, `,"domain":`...), uint64(f.Rec.DomainCategory))
	b = append(b, `,"local_network":0,"other_network":0,"overlay":0`...)
	b = appendUint(append(b, `,"protocol":`...), uint64(f.Rec.ProtoCategory))
	return append(b, '}')
}

func appendConntrack(b []byte, _ Dialect, f *Flow) []byte {
	c := f.Conntrack
	if c == nil {
		return b
	}
	b = appendUint(append(b, `{"id":`...), uint64(c.ID))
	b = appendUint(append(b, `,"mark":`...), uint64(c.Mark))
	b = appendIP(append(b, `,"reply_dst_ip":`...), f.Rec.Version, c.Tuples[1].Dst)
	b = appendUint(append(b, `,"reply_dst_port":`...), uint64(c.Tuples[1].DstPort))
	b = appendIP(append(b, `,"reply_src_ip":`...), f.Rec.Version, c.Tuples[1].Src)
	b = appendUint(append(b, `,"reply_src_port":`...), uint64(c.Tuples[1].SrcPort))
	return append(b, '}')
}
