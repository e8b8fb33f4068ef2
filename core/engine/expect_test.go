package engine

import (
	"net/netip"
	"testing"

	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/detect"
)

// between is a flow of two hosts that the first one opened.
func between(client, server string) *flow.Record {
	r := &flow.Record{Key: flow.Key{Version: 4}, First: 10}
	c, s := netip.MustParseAddr(client).As4(), netip.MustParseAddr(server).As4()
	copy(r.Addr[flow.Lower][:], c[:])
	copy(r.Addr[flow.Upper][:], s[:])
	return r
}

func TestAnnouncedFlow(t *testing.T) {
	const tcp, udp = 6, 17
	const here, there, elsewhere = "192.0.2.1", "198.51.100.7", "203.0.113.5"
	record := func(protocol uint8, client, server string, cport, sport uint16) *flow.Record {
		r := between(client, server)
		r.Protocol = protocol
		r.Port[flow.Lower], r.Port[flow.Upper] = cport, sport
		return r
	}
	at := func(port uint16) detect.Expectation {
		return detect.Expectation{Protocol: proto.TINC, Port: port}
	}
	version6 := record(tcp, here, there, 40000, 655)
	version6.Version = 6
	for _, row := range []struct {
		name   string
		r      *flow.Record
		expect detect.Expectation
		want   proto.ID
	}{
		{"its server", record(tcp, here, there, 40000, 655), at(655), proto.TINC},
		{"over TCP only to the server", record(tcp, there, here, 655, 40000), at(655), proto.Unknown},
		{"over UDP either way", record(udp, there, here, 655, 40000), at(655), proto.TINC},
		{"another port", record(udp, here, there, 40000, 656), at(655), proto.Unknown},
		{"the port at the other end", record(udp, here, there, 655, 40000), at(655), proto.Unknown},
		{"another version", version6, at(655), proto.Unknown},
		{"another client", record(tcp, elsewhere, there, 40000, 655), at(655), proto.Unknown},
		{"another server", record(tcp, here, elsewhere, 40000, 655), at(655), proto.Unknown},
		{"its client", record(tcp, there, here, 20, 5000), detect.Expectation{Protocol: proto.TINC, Port: 5000, AtClient: true}, proto.TINC},
		{"its client, from somebody else", record(tcp, elsewhere, here, 20, 5000), detect.Expectation{Protocol: proto.TINC, Port: 5000, AtClient: true}, proto.Unknown},
	} {
		var x expectations
		x.add(&row.expect, between(here, there), 0)
		if got := x.take(row.r); got != row.want {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
		if got := x.take(row.r); got != proto.Unknown {
			t.Errorf("%s: announced twice", row.name)
		}
	}
	var x expectations
	e := at(655)
	x.add(&e, between(here, there), 0)
	late := record(udp, here, there, 40000, 655)
	late.First = expectLife + 1
	if got := x.take(late); got != proto.Unknown {
		t.Errorf("a late flow is %v", got)
	}
}

// TestAnnouncementOfFTP: who may announce what, and that bytes weigh more.
func TestAnnouncementOfFTP(t *testing.T) {
	const client, server, third = "192.168.1.10", "198.51.100.20", "203.0.113.5"
	data := "nothing that anybody knows \x00\x01\x02 of a file"
	for _, c := range []struct {
		what, reply, from, to string
		port                  int
		say, want             string
	}{
		{"a data connection", "227 Entering (198,51,100,20,19,136)\r\n", client, server, 5000, data, "FTP/D"},
		{"the server sees its inner address", "227 Entering (10,0,0,7,19,136)\r\n", client, server, 5000, data, "FTP/D"},
		{"a third host", "227 Entering (203,0,113,5,19,136)\r\n", client, third, 5000, data, "Unknown"},
		{"a third host, of another client", "227 Entering (203,0,113,5,19,136)\r\n", "192.168.1.77", third, 5000, data, "Unknown"},
		{"another client", "227 Entering (198,51,100,20,19,136)\r\n", "192.168.1.77", server, 5000, data, "Unknown"},
		{"what the bytes are weighs more", "227 Entering (198,51,100,20,19,136)\r\n", client, server, 5000, request, "HTTP"},
	} {
		w := newWorld(t, nil)
		control := w.dial(client, 40000, server, 21)
		control.down("220 FTP server\r\n")
		control.up("USER a\r\n")
		control.up("PASV\r\n")
		control.down(c.reply)
		flow := w.dial(c.from, 40001, c.to, c.port)
		flow.up(c.say)
		flow.down(data)
		flow.close()
		w.wait(60e9)
		got := ""
		for _, l := range w.events() {
			if l.Type == "flow" && l.Flow["other_port"] == float64(c.port) {
				got = l.Flow["detected_protocol_name"].(string)
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}
