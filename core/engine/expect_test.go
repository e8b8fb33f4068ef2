package engine

import (
	"testing"

	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/detect"
)

func TestAnnouncedFlow(t *testing.T) {
	const tcp, udp = 6, 17
	here, there := [16]byte{192, 0, 2, 1}, [16]byte{198, 51, 100, 7}
	record := func(protocol uint8, port uint16, openerIsServer bool) *flow.Record {
		r := &flow.Record{Key: flow.Key{Protocol: protocol, Version: 4}, First: 10}
		if openerIsServer {
			r.Flags |= flow.OpenerUpper
		}
		r.Addr[flow.Lower], r.Addr[flow.Upper] = here, there
		r.Port[flow.Lower], r.Port[flow.Upper] = 40000, port
		return r
	}
	for _, row := range []struct {
		name   string
		r      *flow.Record
		expect detect.Expectation
		want   proto.ID
	}{
		{"its server", record(tcp, 655, false), detect.Expectation{Protocol: proto.TINC, Addr: there, Port: 655}, proto.TINC},
		{"over TCP only the server", record(tcp, 655, true), detect.Expectation{Protocol: proto.TINC, Addr: there, Port: 655}, proto.Unknown},
		{"over UDP either end", record(udp, 655, true), detect.Expectation{Protocol: proto.TINC, Addr: there, Port: 655}, proto.TINC},
		{"another port", record(udp, 656, true), detect.Expectation{Protocol: proto.TINC, Addr: there, Port: 655}, proto.Unknown},
		{"the port at the other end", record(udp, 656, true), detect.Expectation{Protocol: proto.TINC, Addr: there, Port: 40000}, proto.Unknown},
		{"another version", record(udp, 655, true), detect.Expectation{Protocol: proto.TINC, Addr: there, V6: true, Port: 655}, proto.Unknown},
	} {
		var x expectations
		x.add(&row.expect, 0)
		if got := x.take(row.r); got != row.want {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
		if got := x.take(row.r); got != proto.Unknown {
			t.Errorf("%s: announced twice", row.name)
		}
	}
	var x expectations
	x.add(&detect.Expectation{Protocol: proto.TINC, Addr: there, Port: 655}, 0)
	late := record(udp, 655, false)
	late.First = expectLife + 1
	if got := x.take(late); got != proto.Unknown {
		t.Errorf("a late flow is %v", got)
	}
}
