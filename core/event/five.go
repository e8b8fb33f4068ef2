package event

import (
	"math"

	"netifyd/core/flow"
)

// later are the members that only dialect 5 has, beside the counters.
var later = []field[Flow]{
	bit("app_ip_override", flow.AddressApp),
	bit("app_proto_twins", flow.TwinApp),
	member("category", appendCategories),
	member("conntrack", appendConntrack),
	member("digest_prev", appendDigestPrev),
	member("fhc_hit", func(b []byte, _ Dialect, _ *Flow) []byte { return append(b, "false"...) }), // digests do not change, so none is looked up
	member("ip_dscp", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, uint64(f.Rec.DSCP[f.Rec.Local()])) }),
	member("other_dscp", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, uint64(f.Rec.DSCP[other(f)])) }),
	member("tags", func(b []byte, _ Dialect, _ *Flow) []byte { return append(b, "[]"...) }), // of overlays, which we have not
}

// counterFields are the counters in a full record of dialect 5.
var counterFields = []field[Flow]{
	member("detection_packets", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, uint64(f.Rec.Detect)) }),
	member("local_bytes", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, f.reported.bytes[f.Rec.Local()]) }),
	member("local_packets", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, f.reported.packets[f.Rec.Local()]) }),
	member("local_rate", func(b []byte, _ Dialect, f *Flow) []byte {
		return appendRate(b, f.reported.bytes[f.Rec.Local()], f.Interval)
	}),
	member("other_bytes", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, f.reported.bytes[other(f)]) }),
	member("other_packets", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, f.reported.packets[other(f)]) }),
	member("other_rate", func(b []byte, _ Dialect, f *Flow) []byte {
		return appendRate(b, f.reported.bytes[other(f)], f.Interval)
	}),
	member("tcp", appendTCP),
	member("total_bytes", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, f.Rec.TotalBytes) }),
	member("total_packets", func(b []byte, _ Dialect, f *Flow) []byte { return appendUint(b, f.Rec.TotalPackets) }),
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

// appendDigestPrev writes the earlier digests of a flow. Its digest never
// changes, and is the plain one that comes first there.
func appendDigestPrev(b []byte, _ Dialect, f *Flow) []byte {
	const text = len(`"da39a3ee5e6b4b0d3255bfef95601890afd80709"`)
	if at := len(b) - len(`,"digest_prev":`) - text; at > 0 && b[at] == '"' && string(b[at+text:]) == `,"digest_prev":` {
		b = append(append(b, '['), b[at:at+text]...) // it stands before, written already
		return append(b, ']')
	}
	return append(appendDigest(append(b, '['), 0, f), ']')
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
