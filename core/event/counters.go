package event

import (
	"time"

	"netifyd/core/flow"
)

// ipTCP is the IP protocol number of TCP.
const ipTCP = 6

// AppendStats writes a flow's counters: type "flow_stats". interval is the
// time that the record's counters by side cover; rates are bytes a second over it.
func AppendStats(dst []byte, d Dialect, f *Flow, interval time.Duration) []byte {
	dst = appendEnvelope(dst, f)
	dst = appendCounters(dst, f, interval)
	return endEnvelope(dst, f, `,"type":"flow_stats"}`)
}

var purgeTails = func() (t [NumDialects][3]string) {
	for d := range t {
		for r := range t[d] {
			t[d][r] = `,"reason":"` + reasons[d][r] + `","type":"flow_purge"}`
		}
	}
	return
}()

// AppendPurge writes a flow's last counters and why it ended: type "flow_purge". interval as in AppendStats.
func AppendPurge(dst []byte, d Dialect, f *Flow, why Reason, interval time.Duration) []byte {
	dst = appendEnvelope(dst, f)
	dst = appendCounters(dst, f, interval)
	return endEnvelope(dst, f, purgeTails[d][why])
}

func appendCounters(b []byte, f *Flow, interval time.Duration) []byte {
	r := f.Rec
	local := r.Local()
	far := other(f)
	b = appendUint(append(b, `{"detection_packets":`...), uint64(r.Detect))
	b = appendDigest(append(b, `,"digest":`...), 0, f)
	if f.Tunnel.isGTP() {
		b = appendGTP(append(b, `,"gtp":`...), 0, f)
	}
	b = appendLastSeen(append(b, `,"last_seen_at":`...), 0, f)
	b = appendUint(append(b, `,"local_bytes":`...), r.Bytes[local])
	b = appendUint(append(b, `,"local_packets":`...), uint64(r.Packets[local]))
	b = appendRate(append(b, `,"local_rate":`...), r.Bytes[local], interval)
	b = appendUint(append(b, `,"other_bytes":`...), r.Bytes[far])
	b = appendUint(append(b, `,"other_packets":`...), uint64(r.Packets[far]))
	b = appendRate(append(b, `,"other_rate":`...), r.Bytes[far], interval)
	b = appendTCP(b, r)
	b = appendUint(append(b, `,"total_bytes":`...), r.TotalBytes)
	b = appendUint(append(b, `,"total_packets":`...), r.TotalPackets)
	return append(b, '}')
}

func appendTCP(b []byte, r *flow.Record) []byte {
	if r.Protocol != ipTCP {
		return b
	}
	b = appendUint(append(b, `,"tcp":{"resets":`...), uint64(r.Resets))
	b = appendUint(append(b, `,"retrans":`...), uint64(r.Retrans))
	b = appendUint(append(b, `,"seq_errors":`...), uint64(r.SeqErrors))
	return append(b, '}')
}

// appendRate writes bytes a second, to a tenth. Less than a millisecond
// counts as one, so that a single packet has a rate.
func appendRate(b []byte, n uint64, interval time.Duration) []byte {
	ms := uint64(max(interval.Milliseconds(), 1))
	const most = 1 << 49 // bytes: beyond it the product would not fit
	return appendDecimal(b, min(n, most)*10_000/ms, 1)
}
