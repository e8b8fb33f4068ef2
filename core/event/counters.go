package event

import (
	"time"

	"netifyd/core/flow"
)

// ipTCP is the IP protocol number of TCP.
const ipTCP = 6

// AppendStats writes a flow's counters: type "flow_stats".
func AppendStats(dst []byte, d Dialect, f *Flow) []byte {
	dst = appendEnvelope(dst, d, f)
	dst = appendCounters(dst, d, f)
	return endEnvelope(dst, f, `,"type":"flow_stats"}`+"\n")
}

var purgeTails = func() (t [NumDialects][3]string) {
	for d := range t {
		for r := range t[d] {
			t[d][r] = `,"reason":"` + reasons[d][r] + `","type":"flow_purge"}` + "\n"
		}
	}
	return
}()

// AppendPurge writes a flow's last counters and why it ended: type "flow_purge".
func AppendPurge(dst []byte, d Dialect, f *Flow, why Reason) []byte {
	dst = appendEnvelope(dst, d, f)
	dst = appendCounters(dst, d, f)
	return endEnvelope(dst, f, purgeTails[d][why])
}

// counts are a flow's counters by side since its last report.
type counts struct{ bytes, packets [2]uint64 }

// counted is what dialect d has not told yet of a flow: dialect 5 told a part
// of it in flow_dpi_complete. A client that came late is told of what comes.
func counted(d Dialect, f *Flow) (n counts) {
	r := f.Rec
	for side := range n.bytes {
		n.bytes[side], n.packets[side] = r.Bytes[side], uint64(r.Packets[side])
		switch {
		case d != V5:
		case f.Established:
			n.bytes[side], n.packets[side] = 0, 0
		default:
			n.bytes[side] -= uint64(r.ToldBytes[side])
			n.packets[side] -= uint64(r.ToldPackets[side])
		}
	}
	return n
}

// appendCounters writes the flow object of flow_stats and flow_purge.
func appendCounters(b []byte, d Dialect, f *Flow) []byte {
	r := f.Rec
	local, far := r.Local(), other(f)
	n := counted(d, f)
	named := d == V5 || f.Named
	whole := named && d != V5 // who reads the older dialects takes a line for a flow by its addresses
	b = append(b, '{')
	if named {
		b = appendUint(append(b, `"detected_application":`...), uint64(r.App))
		b = appendApplication(append(b, `,"detected_application_name":`...), d, f)
		b = appendUint(append(b, `,"detected_protocol":`...), uint64(r.Proto))
		b = appendProtocol(append(b, `,"detected_protocol_name":`...), d, f)
		b = append(b, ',')
	}
	b = appendUint(append(b, `"detection_packets":`...), uint64(r.Detect))
	if b = append(b, `,"digest":`...); d == V5 {
		b = appendDigests(b, 0, f)
	} else {
		b = appendDigest(b, 0, f)
	}
	if f.Tunnel.isGTP() {
		b = appendGTP(append(b, `,"gtp":`...), d, f)
	}
	b = appendLastSeen(append(b, `,"last_seen_at":`...), 0, f)
	b = appendUint(append(b, `,"local_bytes":`...), n.bytes[local])
	if named {
		b = appendIP(append(b, `,"local_ip":`...), r.Version, r.Addr[local])
		b = appendMAC(append(b, `,"local_mac":`...), r.MAC[local])
	}
	b = appendUint(append(b, `,"local_packets":`...), n.packets[local])
	if whole {
		b = appendUint(append(b, `,"local_port":`...), uint64(r.Port[local]))
	}
	b = appendRate(append(b, `,"local_rate":`...), n.bytes[local], f.Interval)
	b = appendUint(append(b, `,"other_bytes":`...), n.bytes[far])
	if whole {
		b = appendIP(append(b, `,"other_ip":`...), r.Version, r.Addr[far])
		b = appendMAC(append(b, `,"other_mac":`...), r.MAC[far])
	}
	b = appendUint(append(b, `,"other_packets":`...), n.packets[far])
	if whole {
		b = appendUint(append(b, `,"other_port":`...), uint64(r.Port[far]))
	}
	b = appendRate(append(b, `,"other_rate":`...), n.bytes[far], f.Interval)
	if r.Protocol == ipTCP {
		b = appendTCP(append(b, `,"tcp":`...), 0, f)
	}
	b = appendUint(append(b, `,"total_bytes":`...), r.TotalBytes)
	b = appendUint(append(b, `,"total_packets":`...), r.TotalPackets)
	if r.Marks&flow.Twin != 0 {
		b = append(b, `,"twin":true`...)
	}
	return append(b, '}')
}

// appendTwin says that a capture on the other side of this router tells the same traffic.
func appendTwin(b []byte, _ Dialect, f *Flow) []byte {
	if f.Rec.Marks&flow.Twin == 0 {
		return b
	}
	return append(b, "true"...)
}

func appendTCP(b []byte, _ Dialect, f *Flow) []byte {
	r := f.Rec
	if r.Protocol != ipTCP {
		return b
	}
	b = appendUint(append(b, `{"resets":`...), uint64(r.Resets))
	b = appendUint(append(b, `,"retrans":`...), uint64(r.Retrans))
	b = appendUint(append(b, `,"seq_errors":`...), uint64(r.SeqErrors))
	return append(b, '}')
}

// appendRate writes bytes a second, to a tenth. Less than a millisecond
// counts as one, so that a single packet has a rate.
func appendRate(b []byte, n uint64, interval time.Duration) []byte {
	ms := uint64(max(interval.Milliseconds(), 1))
	const most = 1 << 49 // bytes: beyond it the product would not fit
	return appendTenths(b, min(n, most)*10_000/ms)
}
