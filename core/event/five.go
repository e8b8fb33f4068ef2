package event

import (
	"math"
	"slices"

	"netifyd/core/flow"
	"netifyd/core/proto"
)

// A record of dialect 5 has half as many members again as one of dialect 4.
// Those that every flow has are written in runs, each by one function: so a
// member costs half of what it costs by itself.

// rares are members that few flows have, which stand between two runs.
type rares struct {
	object[Flow]
	only uint64 // bits of which a flow that has one of them has one
}

func (r *rares) append(b []byte, f *Flow, bits uint64) []byte {
	if r.only&bits == 0 {
		return b
	}
	return r.members(b, V5, f, bits)
}

// behind are the rare members behind each run; runs the first member of each run.
var (
	runs = [...]string{"app_ip_override", "category", "detected_application", "digest", "fhc_hit", "ip_dscp",
		"last_seen_at", "other_bytes", "risks", "soft_dissector", "tags", "vlan_id"}
	behind = func() (all [len(runs)]rares) {
		at := 0
		for _, f := range sorted(slices.Concat(attrFields(V5), some, []field[Flow]{rare("conntrack", appendConntrack)})...) {
			for at+1 < len(all) && runs[at+1] < f.name() {
				at++
			}
			all[at].object = append(all[at].object, f)
			all[at].only |= f.only
		}
		return all
	}()
)

// appendFull writes a flow's full record.
func appendFull(b []byte, f *Flow) []byte {
	has := f.objects()
	f.countFull()
	b = behind[0].append(appendSources(b, f), f, has)
	b = behind[1].append(appendCategories(b, f), f, has)
	b = behind[2].append(appendDetected(b, f), f, has)
	b = behind[3].append(appendDigests(b, f), f, has)
	b = behind[4].append(appendBegin(b, f), f, has)
	b = behind[5].append(appendNetwork(b, f), f, has)
	b = behind[6].append(appendLocal(b, f), f, has)
	b = behind[7].append(appendOther(b, f), f, has)
	b = behind[8].append(appendRisks(append(b, `,"risks":`...), V5, f), f, has)
	b = behind[9].append(appendSoft(b, f), f, has)
	b = behind[10].append(appendTotals(b, f), f, has)
	b = behind[11].append(appendVLAN(append(b, `,"vlan_id":`...), V5, f), f, has)
	return append(b, '}')
}

func appendSources(b []byte, f *Flow) []byte {
	if f.Rec.Flags&(flow.AddressApp|flow.TwinApp) == 0 { // as for most
		return append(b, `{"app_ip_override":false,"app_proto_twins":false`...)
	}
	b = appendBool(append(b, `{"app_ip_override":`...), f.Rec.Flags&flow.AddressApp != 0)
	return appendBool(append(b, `,"app_proto_twins":`...), f.Rec.Flags&flow.TwinApp != 0)
}

func appendDetected(b []byte, f *Flow) []byte {
	r := f.Rec
	b = appendProduct(append(b, ','), f)
	b = append(b, sureTexts[r.HowSure()][r.Flags/flow.Guessed&1]...)
	b = appendUint(append(b, `,"detection_packets":`...), uint64(r.Detect))
	b = appendBool(append(b, `,"detection_updated":`...), r.Flags&flow.Updated != 0)
	return appendBool(append(b, `,"dhc_hit":`...), r.Flags&flow.HintHit != 0)
}

// appendProduct writes the four members that say what a flow is, without a comma before them.
func appendProduct(b []byte, f *Flow) []byte {
	r := f.Rec
	b = appendUint(append(b, `"detected_application":`...), uint64(r.App))
	b = appendApplication(append(b, `,"detected_application_name":`...), V5, f)
	if place := r.Proto.Place(); place != 0 {
		return append(b, protoTexts[place]...)
	}
	return appendProto(b, r.Proto)
}

func appendProto(b []byte, id proto.ID) []byte {
	b = appendUint(append(b, `,"detected_protocol":`...), uint64(id))
	return appendWord(append(b, `,"detected_protocol_name":`...), id.Name())
}

// Members of which there are few forms, made once. protoTexts are those of each
// protocol by its place; all of them are parts of one text of 23 kB.
var (
	protoTexts = func() (t [proto.Places]string) {
		var b []byte
		var ends [proto.Places]int
		for i := range t {
			b = appendProto(b, proto.At(i))
			ends[i] = len(b)
		}
		all, from := string(b), 0
		for i, end := range ends {
			t[i], from = all[from:end], end
		}
		return t
	}()
	sureTexts = func() (t [flow.ByPort + 1][2]string) {
		for sure := range t {
			text := `,"detection_confidence":"` + flow.Confidence(sure).String() + `"`
			if flow.Confidence(sure) == flow.ByNothing {
				text = ""
			}
			t[sure] = [2]string{text + `,"detection_guessed":false`, text + `,"detection_guessed":true`}
		}
		return t
	}()
)

// appendDigests writes the digest and the earlier ones of the flow. It never
// changes, and is the plain one that comes first there.
func appendDigests(b []byte, f *Flow) []byte {
	b = appendHex(append(b, `,"digest":"`...), f.Digest[:])
	end := len(b)
	b = append(b, `","digest_prev":["`...)
	return append(append(b, b[end-2*len(f.Digest):end]...), `"]`...)
}

// appendBegin writes fhc_hit, false since digests do not change and so none is looked up, and first_seen_at.
func appendBegin(b []byte, f *Flow) []byte {
	return appendUint(append(b, `,"fhc_hit":false,"first_seen_at":`...), milliseconds(f.Rec.First))
}

func appendNetwork(b []byte, f *Flow) []byte {
	r := f.Rec
	b = appendUint(append(b, `,"ip_dscp":`...), uint64(r.DSCP[r.Local()]))
	b = appendBool(append(b, `,"ip_nat":`...), r.Flags&flow.NAT != 0)
	b = appendUint(append(b, `,"ip_protocol":`...), uint64(r.Protocol))
	return appendUint(append(b, `,"ip_version":`...), uint64(r.Version))
}

// appendLocal writes last_seen_at and what follows it.
func appendLocal(b []byte, f *Flow) []byte {
	r, n := f.Rec, &f.reported
	side := r.Local()
	b = appendLastSeen(append(b, `,"last_seen_at":`...), 0, f)
	b = appendUint(append(b, `,"local_bytes":`...), n.bytes[side])
	b = appendIP(append(b, `,"local_ip":`...), r.Version, r.Addr[side])
	b = appendMAC(append(b, `,"local_mac":`...), r.MAC[side])
	b = appendBool(append(b, `,"local_origin":`...), r.LocalOrigin())
	b = appendUint(append(b, `,"local_packets":`...), n.packets[side])
	b = appendUint(append(b, `,"local_port":`...), uint64(r.Port[side]))
	return appendRate(append(b, `,"local_rate":`...), n.bytes[side], f.Interval)
}

// appendOther writes other_bytes and what follows it.
func appendOther(b []byte, f *Flow) []byte {
	r, n := f.Rec, &f.reported
	side := other(f)
	b = appendUint(append(b, `,"other_bytes":`...), n.bytes[side])
	b = appendUint(append(b, `,"other_dscp":`...), uint64(r.DSCP[side]))
	b = appendIP(append(b, `,"other_ip":`...), r.Version, r.Addr[side])
	b = appendMAC(append(b, `,"other_mac":`...), r.MAC[side])
	b = appendUint(append(b, `,"other_packets":`...), n.packets[side])
	b = appendUint(append(b, `,"other_port":`...), uint64(r.Port[side]))
	b = appendRate(append(b, `,"other_rate":`...), n.bytes[side], f.Interval)
	return appendWord(append(b, `,"other_type":`...), r.Other.String())
}

func appendSoft(b []byte, f *Flow) []byte {
	return appendBool(append(b, `,"soft_dissector":`...), f.Rec.Flags&flow.Soft != 0)
}

// appendTotals writes tags, of overlays, which we have not, and what follows them.
func appendTotals(b []byte, f *Flow) []byte {
	r := f.Rec
	b = append(b, `,"tags":[]`...)
	if r.Protocol == ipTCP {
		b = appendTCP(append(b, `,"tcp":`...), f)
	}
	b = appendUint(append(b, `,"total_bytes":`...), r.TotalBytes)
	return appendUint(append(b, `,"total_packets":`...), r.TotalPackets)
}

// countFull is count for a full record.
func (f *Flow) countFull() {
	n := f.count()
	for side := range n.bytes {
		n.bytes[side], n.packets[side] = min(n.bytes[side], MostToldBytes), min(n.packets[side], MostToldPackets)
	}
}

// MostToldBytes and MostToldPackets are the most of a side that a full record
// reports, since its flow must remember it; what is above comes with the next flow_stats.
const (
	MostToldBytes   = math.MaxUint32
	MostToldPackets = math.MaxUint16
)

// counts are a flow's counters by side since its last report.
type counts struct{ bytes, packets [2]uint64 }

// count sets what dialect 5 has not told yet of the flow: it told a part of it in
// flow_dpi_complete. A client that came late is told of what comes.
func (f *Flow) count() *counts {
	r, n := f.Rec, &f.reported
	if f.Established {
		*n = counts{}
		return n
	}
	for side := range n.bytes {
		n.bytes[side] = r.Bytes[side] - uint64(r.ToldBytes[side])
		n.packets[side] = uint64(r.Packets[side]) - uint64(r.ToldPackets[side])
	}
	return n
}

// appendCounters5 writes the flow object of flow_stats and flow_purge.
func appendCounters5(b []byte, _ Dialect, f *Flow) []byte {
	r := f.Rec
	local, far := r.Local(), other(f)
	n := f.count()
	b = appendProduct(append(b, '{'), f)
	b = appendUint(append(b, `,"detection_packets":`...), uint64(r.Detect))
	b = appendDigests(b, f)
	if f.Tunnel.isGTP() {
		b = appendGTP(append(b, `,"gtp":`...), V5, f)
	}
	b = appendLastSeen(append(b, `,"last_seen_at":`...), V5, f)
	b = appendUint(append(b, `,"local_bytes":`...), n.bytes[local])
	b = appendIP(append(b, `,"local_ip":`...), r.Version, r.Addr[local])
	b = appendMAC(append(b, `,"local_mac":`...), r.MAC[local])
	b = appendUint(append(b, `,"local_packets":`...), n.packets[local])
	b = appendRate(append(b, `,"local_rate":`...), n.bytes[local], f.Interval)
	b = appendUint(append(b, `,"other_bytes":`...), n.bytes[far])
	b = appendUint(append(b, `,"other_packets":`...), n.packets[far])
	b = appendRate(append(b, `,"other_rate":`...), n.bytes[far], f.Interval)
	return endCounters(b, f)
}

// appendCategories is appendCategory with those of networks and overlays, which we have not.
func appendCategories(b []byte, f *Flow) []byte {
	b = appendUint(append(b, `,"category":{"application":`...), uint64(f.Rec.AppCategory))
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
