package process

import "netifyd/cmd/netifyctl/relay/lane"

// FinalColumns are those of kind flow: one row for each flow that has ended. down
// and up are the bytes that the relay was told of; bytes is the whole flow, more
// where the relay came late.
var FinalColumns = []string{"first", "last", "device", "digest", "local", "other", "local_port", "other_port", "ip_protocol", "protocol", "application", "host", "ja4",
	"down", "up", "bytes", "packets", "reason", "confidence", "interface", "internal", "origin", "twin"}

// Final writes the rows of kind flow.
type Final struct {
	Rows *lane.Rows
}

// Flow writes a row where the flow has ended.
func (f *Final) Flow(t *Told) {
	if !t.Ended {
		return
	}
	x := t.Flow
	device := x.LocalMAC
	if device == "" || device == "00:00:00:00:00:00" {
		device = x.LocalIP
	}
	f.Rows.Row(x.First, x.Last, device, x.Digest[:min(16, len(x.Digest))], x.LocalIP, x.OtherIP, x.LocalPort, x.OtherPort, x.L4, x.ProtocolName, x.ApplicationName, x.Host, x.JA4,
		x.Other, x.Local, x.Bytes, x.Packets, t.Reason, x.Confidence, x.Interface, x.Internal, x.Origin, x.Twin)
}

// Unknown counts a flow that no row tells of.
func (f *Final) Unknown() { f.Rows.Lose(1) }
