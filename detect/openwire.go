package detect

import "netifyd/core/proto"

// OpenWire (activemq.apache.org, "OpenWire Version 2 Specification"): both
// ends begin with a WireFormatInfo: size, kind 1, "ActiveMQ", version.
var openwireCard = Protocol{ID: proto.OpenWire, Over: TCP, Ports: []uint16{61616}, Limit: 32, Inspect: inspectOpenWire}

func inspectOpenWire(in *Input, _ *Result) Verdict { return eitherWay(in, openWireInfo) }

func openWireInfo(b []byte) Verdict {
	if len(b) > 0 && b[0] != 0 || len(b) > 1 && b[1] != 0 {
		return No
	}
	if len(b) < 5 {
		return NeedMore
	}
	return begins(b[4:], "\x01ActiveMQ")
}
