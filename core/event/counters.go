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
	dst = countersOf[d](dst, d, f)
	return endEnvelope(dst, f, `,"type":"flow_stats"}`+"\n")
}

// countersOf is what writes the flow object of these lines in each dialect.
var countersOf = [NumDialects]func([]byte, Dialect, *Flow) []byte{appendCounters, appendCounters, appendCounters5}

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
	dst = countersOf[d](dst, d, f)
	return endEnvelope(dst, f, purgeTails[d][why])
}

// appendCounters writes the flow object of flow_stats and flow_purge in the
// dialects before 5. A named one has addresses and ports too: readers of these
// dialects take a line for a flow by them.
func appendCounters(b []byte, d Dialect, f *Flow) []byte {
	r := f.Rec
	local, far := r.Local(), other(f)
	b = append(b, '{')
	if f.Named {
		b = appendUint(append(b, `"detected_application":`...), uint64(r.App))
		b = appendApplication(append(b, `,"detected_application_name":`...), d, f)
		b = appendUint(append(b, `,"detected_protocol":`...), uint64(r.Proto))
		b = append(appendProtocol(append(b, `,"detected_protocol_name":`...), d, f), ',')
	}
	b = appendUint(append(b, `"detection_packets":`...), uint64(r.Detect))
	b = appendDigest(append(b, `,"digest":`...), d, f)
	if f.Tunnel.isGTP() {
		b = appendGTP(append(b, `,"gtp":`...), d, f)
	}
	b = appendLastSeen(append(b, `,"last_seen_at":`...), d, f)
	b = appendUint(append(b, `,"local_bytes":`...), r.Bytes[local])
	if f.Named {
		b = appendIP(append(b, `,"local_ip":`...), r.Version, r.Addr[local])
		b = appendMAC(append(b, `,"local_mac":`...), r.MAC[local])
	}
	b = appendUint(append(b, `,"local_packets":`...), uint64(r.Packets[local]))
	if f.Named {
		b = appendUint(append(b, `,"local_port":`...), uint64(r.Port[local]))
	}
	b = appendRate(append(b, `,"local_rate":`...), r.Bytes[local], f.Interval)
	b = appendUint(append(b, `,"other_bytes":`...), r.Bytes[far])
	if f.Named {
		b = appendIP(append(b, `,"other_ip":`...), r.Version, r.Addr[far])
		b = appendMAC(append(b, `,"other_mac":`...), r.MAC[far])
	}
	b = appendUint(append(b, `,"other_packets":`...), uint64(r.Packets[far]))
	if f.Named {
		b = appendUint(append(b, `,"other_port":`...), uint64(r.Port[far]))
	}
	b = appendRate(append(b, `,"other_rate":`...), r.Bytes[far], f.Interval)
	return endCounters(b, f)
}

// endCounters writes what follows the counters of each side, in every dialect.
func endCounters(b []byte, f *Flow) []byte {
	r := f.Rec
	if r.Protocol == ipTCP {
		b = appendTCP(append(b, `,"tcp":`...), f)
	}
	b = appendUint(append(b, `,"total_bytes":`...), r.TotalBytes)
	b = appendUint(append(b, `,"total_packets":`...), r.TotalPackets)
	if r.Marks&flow.Twin != 0 {
		b = append(b, `,"twin":true`...)
	}
	return append(b, '}')
}

// appendTwin says that a capture on the other side of this router tells the same traffic.
func appendTwin(b []byte, _ Dialect, _ *Flow) []byte { return append(b, "true"...) }

func appendTCP(b []byte, f *Flow) []byte {
	r := f.Rec
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
