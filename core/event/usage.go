package event

// UsageRow is what a device used under a label.
type UsageRow struct {
	Device                string // its hardware address, its address where it has none, or the name of a group
	LocalIP               string // its newest IPv4 address; empty: none
	Application, Protocol uint32 // identifiers; Protocol only where no application is known
	Label                 string // the name of either, or "other", "broadcast"
	Scope                 string // "internet", "local", or "special"
	LocalBytes            uint64 // sent by the device
	OtherBytes            uint64 // sent to it
	Flows                 uint32
}

// Usage is what was used in a piece of time: one line of it.
type Usage struct {
	Start, Seconds uint32 // seconds since 1970, and how many
	Seq            uint64 // rises by one with each line
	Complete       bool   // all of the hour was counted
	Estimated      bool   // some bytes came from counters of the kernel
	Lossy          bool   // the kernel dropped packets: at least so much
	More           bool   // another line of the same time follows
	Rows           []UsageRow
}

// MaxUsageRows is how many rows a line has at the most.
const MaxUsageRows = 64

// AppendUsage writes what was used: type "usage", dialect 5, for clients that
// ask for the kind.
func AppendUsage(dst []byte, u *Usage) []byte {
	dst = appendBool(append(dst, `{"complete":`...), u.Complete)
	dst = appendBool(append(dst, `,"estimated":`...), u.Estimated)
	dst = appendBool(append(dst, `,"lossy":`...), u.Lossy)
	dst = appendBool(append(dst, `,"more":`...), u.More)
	dst = append(dst, `,"rows":[`...)
	for i := range u.Rows {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendUsageRow(dst, &u.Rows[i])
	}
	dst = appendUint(append(dst, `],"seconds":`...), uint64(u.Seconds))
	dst = appendUint(append(dst, `,"seq":`...), u.Seq)
	dst = appendUint(append(dst, `,"start":`...), uint64(u.Start))
	return append(dst, `,"type":"usage"}`+"\n"...)
}

func appendUsageRow(dst []byte, r *UsageRow) []byte {
	dst = appendUint(append(dst, `{"application":`...), uint64(r.Application))
	dst = appendString(append(dst, `,"device":`...), r.Device)
	dst = appendUint(append(dst, `,"flows":`...), uint64(r.Flows))
	dst = appendString(append(dst, `,"label":`...), r.Label)
	dst = appendUint(append(dst, `,"local_bytes":`...), r.LocalBytes)
	if r.LocalIP != "" {
		dst = appendString(append(dst, `,"local_ip":`...), r.LocalIP)
	}
	dst = appendUint(append(dst, `,"other_bytes":`...), r.OtherBytes)
	dst = appendUint(append(dst, `,"protocol":`...), uint64(r.Protocol))
	dst = appendString(append(dst, `,"scope":`...), r.Scope)
	return append(dst, '}')
}
