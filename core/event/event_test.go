package event

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"netifyd/core/attr"
	"netifyd/core/event/eventtest"
	"netifyd/core/flow"
	"netifyd/core/packet"
	"netifyd/core/proto"
)

func ip(s string) (a [16]byte) {
	copy(a[:], netip.MustParseAddr(s).AsSlice())
	return
}

// sample is an HTTPS flow of 192.168.1.7:53141 to 104.86.97.179:443. The remote address is the lower one.
func sample() *Flow {
	rec := &flow.Record{
		Key:   flow.Key{Addr: [2][16]byte{ip("104.86.97.179"), ip("192.168.1.7")}, Port: [2]uint16{443, 53141}, Protocol: 6, Version: 4},
		First: 1484319036854_000_001, Last: 1484319036977_999_999, Sent: 46,
		Flags: flow.LocalIsUpper | flow.OpenerUpper | flow.HintHit | flow.Updated,
		MAC:   [2][6]byte{{0x80, 0x2a, 0xa8, 0x4c, 0x61, 0xcc}, {0xe4, 0x98, 0xd6, 0x1f, 0xbd, 0x14}},
		VLAN:  7, Proto: proto.HTTPS, App: 133, AppCategory: 29, ProtoCategory: 22, Confidence: flow.ByDPI, Other: flow.OtherRemote,
		Packets: [2]uint32{26, 15}, Bytes: [2]uint64{29544, 3626}, TotalPackets: 41, TotalBytes: 33170,
		Detect: 10, Retrans: 2, SeqErrors: 1, Resets: 3,
	}
	s := new(attr.Set)
	s.PutString(attr.HostName, "art-s.nflximg.net")
	s.PutString(attr.TLSSNI, "art-s.nflximg.net")
	s.PutString(attr.TLSALPN, "h2")
	s.PutString(attr.TLSALPN, "http/1.1")
	s.PutString(attr.TLSALPNServer, "h2")
	s.PutUint(attr.TLSCipher, 0xc030)
	s.PutUint(attr.TLSVersion, 0x303)
	s.Put(attr.TLSJA3S, bytes.Repeat([]byte{0xa5}, 16))
	f := &Flow{Rec: rec, Attrs: s, Iface: &Iface{Name: "lan0", Internal: true}, DNSName: []byte("e3067.dscg.akamaiedge.net"), AppTag: "netify.netflix"}
	f.Digest = Digest("lan0", rec)
	return f
}

// within says what time the counters of f cover.
func within(f *Flow, t time.Duration) *Flow {
	f.Interval = t
	return f
}

// parse reads a line with the standard library, and holds it to what all lines share.
func parse(t *testing.T, line []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(line, &v); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	if err := eventtest.Validate(line); err != nil {
		t.Errorf("%v in %s", err, line)
	}
	return v
}

func expect(t *testing.T, got map[string]any, want string) {
	t.Helper()
	var w map[string]any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, w) {
		g, _ := json.MarshalIndent(got, "", " ")
		x, _ := json.MarshalIndent(w, "", " ")
		t.Errorf("got %s\nwant %s", g, x)
	}
}

const wantFlow = `{"established":false,"flow":{"category":{"application":29,"domain":0,"protocol":22},"detected_application":133,
"detected_application_name":"netify.netflix","detected_protocol":196,"detected_protocol_name":"HTTP/S","detection_confidence":"dpi",
"detection_guessed":false,"detection_updated":true,"dhc_hit":true,"digest":"b90db9e0b7cef1c2b1e9b4a0c1e0b8b1d6c33e3d",
"dns_host_name":"e3067.dscg.akamaiedge.net","first_seen_at":1484319036854,"first_update_at":1484319036900,
"host_server_name":"art-s.nflximg.net","ip_nat":false,"ip_protocol":6,"ip_version":4,"last_seen_at":1484319036977,
"local_ip":"192.168.1.7","local_mac":"e4:98:d6:1f:bd:14","local_origin":true,"local_port":53141,
"other_ip":"104.86.97.179","other_mac":"80:2a:a8:4c:61:cc","other_port":443,"other_type":"remote",
"risks":{"ndpi_risk_score":0,"ndpi_risk_score_client":0,"ndpi_risk_score_server":0},"soft_dissector":false,
"ssl":{"alpn":["h2","http/1.1"],"alpn_server":["h2"],"cipher_suite":"0xc030","client_sni":"art-s.nflximg.net",
"server_ja3":"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5","version":"0x0303"},"vlan_id":7},
"interface":"lan0","internal":true,"type":"flow"}`

func TestFlow(t *testing.T) {
	f := sample()
	v := parse(t, AppendFlow(nil, V4, f))
	digest := v["flow"].(map[string]any)["digest"].(string)
	if want := string(appendHex(nil, f.Digest[:])); digest != want {
		t.Errorf("digest %s, want %s", digest, want)
	}
	v["flow"].(map[string]any)["digest"] = "b90db9e0b7cef1c2b1e9b4a0c1e0b8b1d6c33e3d"
	expect(t, v, wantFlow)
}

func flowOf(t *testing.T, line []byte) map[string]any {
	t.Helper()
	return parse(t, line)["flow"].(map[string]any)
}

func TestFlowDialects(t *testing.T) {
	f := sample()
	f.Rec.Flags |= flow.Guessed
	v3, v4 := flowOf(t, AppendFlow(nil, V3, f)), flowOf(t, AppendFlow(nil, V4, f))
	for _, c := range []struct {
		name   string
		v3, v4 any
	}{
		{"detected_application_name", "133.netify.netflix", "netify.netflix"},
		{"detected_protocol_name", "HTTPS", "HTTP/S"},
		{"detection_guessed", 1.0, true},
	} {
		if v3[c.name] != c.v3 || v4[c.name] != c.v4 {
			t.Errorf("%s: %v and %v", c.name, v3[c.name], v4[c.name])
		}
		delete(v3, c.name)
		delete(v4, c.name)
	}
	for _, name := range []string{"category", "risks"} { // 3.x had neither, and vlan_id was last
		if v3[name] != nil || v4[name] == nil {
			t.Errorf("%s: %v and %v", name, v3[name], v4[name])
		}
		delete(v4, name)
	}
	if !reflect.DeepEqual(v3, v4) {
		t.Errorf("the rest differs: %v, %v", v3, v4)
	}
	f.Rec.App, f.AppTag, f.Rec.Proto, f.Rec.Flags = 0, "", 0, 0
	for _, d := range []Dialect{V3, V4} {
		v := flowOf(t, AppendFlow(nil, d, f))
		if v["detected_application_name"] != "Unknown" || v["detected_protocol_name"] != "Unknown" {
			t.Errorf("dialect %v: %v, %v", d, v["detected_application_name"], v["detected_protocol_name"])
		}
	}
}

func TestFlowSparse(t *testing.T) {
	rec := &flow.Record{Key: flow.Key{Addr: [2][16]byte{ip("2001:db8::1"), ip("2001:db8::2:0:0:1")}, Protocol: 58, Version: 6}, First: 5e6}
	f := &Flow{Rec: rec, Iface: &Iface{Name: "a\"b"}, Established: true}
	line := parse(t, AppendFlow(nil, V4, f))
	if line["established"] != true || line["internal"] != false || line["interface"] != `a"b` {
		t.Errorf("%v", line)
	}
	v := line["flow"].(map[string]any)
	if v["local_ip"] != "2001:db8::1" || v["other_ip"] != "2001:db8::2:0:0:1" || v["local_mac"] != "00:00:00:00:00:00" || v["first_update_at"] != 5.0 {
		t.Errorf("%v", v)
	}
	for _, name := range []string{"ssl", "dns_host_name", "host_server_name", "detection_confidence", "http", "gtp", "tunnel"} {
		if _, there := v[name]; there {
			t.Errorf("%s is there", name)
		}
	}
}

// The name of a DNS answer stands in for a host name that the flow did not speak.
func TestHostNameFallsBack(t *testing.T) {
	f := sample()
	f.Attrs.Reset()
	if v := flowOf(t, AppendFlow(nil, V4, f)); v["host_server_name"] != "e3067.dscg.akamaiedge.net" {
		t.Errorf("%v", v["host_server_name"])
	}
}

func TestTLSObject(t *testing.T) {
	f := sample()
	for _, c := range []struct {
		id    proto.ID
		there bool
	}{{proto.HTTPS, true}, {proto.TLS, true}, {proto.QUIC, true}, {proto.DTLS, true}, {proto.IMAPS, true}, {proto.HTTP, false}, {proto.ID(10013), false}} {
		f.Rec.Proto = c.id
		for _, s := range []*attr.Set{nil, new(attr.Set)} {
			f.Attrs = s
			ssl, there := flowOf(t, AppendFlow(nil, V4, f))["ssl"]
			if there != c.there || there && !reflect.DeepEqual(ssl, map[string]any{"version": "0x0000", "cipher_suite": "0x0000"}) {
				t.Errorf("%v: %v", c.id, ssl)
			}
		}
	}
}

func TestTunnel(t *testing.T) {
	f := sample()
	f.Tunnel = &Tunnel{Type: packet.TunnelGTP, Version: 4, Local: ip("10.132.15.176"), Other: ip("10.134.25.67"),
		LocalPort: 2152, OtherPort: 2152, LocalTEID: 77096540, OtherTEID: 2078801991, OtherType: flow.OtherUnsupported, GTPVersion: 1, DSCP: 46}
	v := flowOf(t, AppendFlow(nil, V4, f))
	if !reflect.DeepEqual(v["tunnel"], map[string]any{"type": "gtp", "local_ip": "10.132.15.176", "other_ip": "10.134.25.67"}) {
		t.Errorf("%v", v["tunnel"])
	}
	want := map[string]any{"ip_version": 4.0, "local_ip": "10.132.15.176", "local_port": 2152.0, "local_teid": 77096540.0, "other_ip": "10.134.25.67",
		"other_port": 2152.0, "other_teid": 2078801991.0, "other_type": "unsupported", "version": 1.0}
	if !reflect.DeepEqual(v["gtp"], want) {
		t.Errorf("%v", v["gtp"])
	}
	if v := flowOf(t, AppendStats(nil, V4, within(f, time.Second))); !reflect.DeepEqual(v["gtp"], want) {
		t.Errorf("stats: %v", v["gtp"])
	}
	want["ip_dscp"] = 46.0 // in dialect 5 alone
	if v := flowOf(t, AppendFlow(nil, V5, f)); !reflect.DeepEqual(v["gtp"], want) {
		t.Errorf("dialect 5: %v", v["gtp"])
	}
	if v := flowOf(t, AppendStats(nil, V5, within(f, time.Second))); !reflect.DeepEqual(v["gtp"], want) {
		t.Errorf("stats of dialect 5: %v", v["gtp"])
	}
	f.Tunnel = &Tunnel{Type: packet.TunnelGRE}
	if v := flowOf(t, AppendFlow(nil, V4, f)); !reflect.DeepEqual(v["tunnel"], map[string]any{"type": "gre"}) || v["gtp"] != nil {
		t.Errorf("%v", v)
	}
	f.Tunnel = &Tunnel{}
	if v := flowOf(t, AppendFlow(nil, V4, f)); v["tunnel"] != nil {
		t.Errorf("%v", v)
	}
}

const wantCounters = `{"detection_packets":10,"digest":"","last_seen_at":1484319036977,"local_bytes":3626,"local_packets":15,
"local_rate":725.2,"other_bytes":29544,"other_packets":26,"other_rate":5908.8,"tcp":{"resets":3,"retrans":2,"seq_errors":1},
"total_bytes":33170,"total_packets":41}`

func TestCounters(t *testing.T) {
	f := sample()
	f.Rec.First = 0
	for _, d := range []Dialect{V3, V4} {
		v := parse(t, AppendStats(nil, d, within(f, 5*time.Second)))
		if v["type"] != "flow_stats" || v["interface"] != "lan0" {
			t.Errorf("%v", v)
		}
		counters := v["flow"].(map[string]any)
		counters["digest"] = ""
		expect(t, counters, wantCounters)
	}
	f.Rec.Protocol = 17
	if v := flowOf(t, AppendStats(nil, V4, within(f, 0))); v["tcp"] != nil || v["local_rate"] != 3626000.0 {
		t.Errorf("%v", v)
	}
}

func TestPurge(t *testing.T) {
	f := sample()
	for _, c := range []struct {
		why    Reason
		v3, v4 string
	}{{Closed, "closed", "closed"}, {Idle, "idle", "expired"}, {Terminated, "terminate", "terminated"}} {
		v3, v4 := parse(t, AppendPurge(nil, V3, within(f, time.Second), c.why)), parse(t, AppendPurge(nil, V4, within(f, time.Second), c.why))
		if v3["reason"] != c.v3 || v4["reason"] != c.v4 || v3["type"] != "flow_purge" {
			t.Errorf("%v, %v", v3["reason"], v4["reason"])
		}
		if c.why.String(V4) != c.v4 {
			t.Errorf("%s", c.why.String(V4))
		}
	}
}

func TestParseDialect(t *testing.T) {
	for s, want := range map[string]Dialect{"": V3, "3": V3, "4": V4, "5": V5} {
		if d, err := ParseDialect(s); err != nil || d != want {
			t.Errorf("%q: %v, %v", s, d, err)
		}
	}
	if _, err := ParseDialect("6"); err == nil {
		t.Error("6 was taken")
	}
	if s := Dialects(0).With(V4); s.Has(V3) || !s.Has(V4) || V3.String() != "3" || V4.String() != "4" {
		t.Errorf("%v", s)
	}
}
