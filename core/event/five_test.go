package event

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"netifyd/core"
	"netifyd/core/attr"
	"netifyd/core/conntrack"
	"netifyd/core/flow"
)

const wantFive = `{"flow":{"app_ip_override":false,"app_proto_twins":true,
"category":{"application":29,"domain":0,"local_network":0,"other_network":0,"overlay":0,"protocol":22},
"conntrack":{"id":3603527535,"mark":7,"reply_dst_ip":"198.51.100.1","reply_dst_port":40001,"reply_src_ip":"104.86.97.179","reply_src_port":443},
"detected_application":133,"detected_application_name":"netify.netflix","detected_protocol":196,"detected_protocol_name":"HTTP/S",
"detection_confidence":"dpi","detection_guessed":false,"detection_packets":10,"detection_updated":true,"dhc_hit":true,
"digest":"DIGEST","digest_prev":["DIGEST"],"dns_host_name":"e3067.dscg.akamaiedge.net","fhc_hit":false,"first_seen_at":1484319036854,
"host_server_name":"art-s.nflximg.net","ip_dscp":46,"ip_nat":false,"ip_protocol":6,"ip_version":4,"last_seen_at":1484319036977,
"local_bytes":3600,"local_ip":"192.168.1.7","local_mac":"e4:98:d6:1f:bd:14","local_origin":true,"local_packets":14,"local_port":53141,"local_rate":1800.0,
"other_bytes":29000,"other_dscp":8,"other_ip":"104.86.97.179","other_mac":"80:2a:a8:4c:61:cc","other_packets":25,"other_port":443,"other_rate":14500.0,"other_type":"remote",
"risks":{"ndpi_risk_score":0,"ndpi_risk_score_client":0,"ndpi_risk_score_server":0},"soft_dissector":false,
"ssl":{"alpn":["h2","http/1.1"],"alpn_server":["h2"],"cipher_suite":"0xc030","client_sni":"art-s.nflximg.net",
"server_ja3":"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5","version":"0x0303"},"tags":[],
"tcp":{"resets":3,"retrans":2,"seq_errors":1},"total_bytes":33170,"total_packets":41,"vlan_id":7},
"interface":"lan0","internal":true,"type":"flow"}`

// told is sample of which a flow_dpi_complete told a packet each way.
func told() *Flow {
	f := within(sample(), 2*time.Second)
	r := f.Rec
	r.DSCP = [2]uint8{8, 46}
	r.Flags |= flow.TwinApp
	r.ToldBytes, r.ToldPackets = [2]uint32{544, 26}, [2]uint16{1, 1}
	f.Conntrack = &conntrack.Conn{ID: 3603527535, Mark: 7,
		Tuples: [2]core.Tuple{1: {Src: ip("104.86.97.179"), SrcPort: 443, Dst: ip("198.51.100.1"), DstPort: 40001}}}
	return f
}

func TestFive(t *testing.T) {
	f := told()
	digest := string(appendHex(nil, f.Digest[:]))
	line := AppendFlow(nil, V5, f)
	want := strings.ReplaceAll(wantFive, "DIGEST", digest)
	expect(t, parse(t, line), want)
	expect(t, parse(t, Update(append([]byte(nil), line...))), strings.Replace(want, `"type":"flow"`, `"type":"flow_dpi_update"`, 1))
	expect(t, parse(t, Complete(append([]byte(nil), line...))), strings.Replace(want, `"type":"flow"`, `"type":"flow_dpi_complete"`, 1))
	f.Attrs.PutString(attr.SSDPUserAgent, "x")
	if v := flowOf(t, AppendFlow(nil, V5, f)); !reflect.DeepEqual(v["ssdp"], map[string]any{"user_agent": "x"}) {
		t.Errorf("%v", v["ssdp"])
	}
}

const wantFiveStats = `{"detected_application":133,"detected_application_name":"netify.netflix","detected_protocol":196,"detected_protocol_name":"HTTP/S",
"detection_packets":10,"digest":"DIGEST","digest_prev":["DIGEST"],"last_seen_at":1484319036977,
"local_bytes":3600,"local_ip":"192.168.1.7","local_mac":"e4:98:d6:1f:bd:14","local_packets":14,"local_rate":1800.0,
"other_bytes":29000,"other_packets":25,"other_rate":14500.0,"tcp":{"resets":3,"retrans":2,"seq_errors":1},"total_bytes":33170,"total_packets":41}`

func TestFiveCounters(t *testing.T) {
	f := told()
	want := strings.ReplaceAll(wantFiveStats, "DIGEST", string(appendHex(nil, f.Digest[:])))
	expect(t, parse(t, AppendStats(nil, V5, f)), `{"flow":`+want+`,"interface":"lan0","internal":true,"type":"flow_stats"}`)
	for why, name := range []string{"closed", "expired", "expired"} {
		expect(t, parse(t, AppendPurge(nil, V5, f, Reason(why))),
			`{"flow":`+want+`,"interface":"lan0","internal":true,"reason":"`+name+`","type":"flow_purge"}`)
	}
	f.Established = true // what came before was told to others
	if v := flowOf(t, AppendFlow(nil, V5, f)); v["local_bytes"] != 0.0 || v["other_packets"] != 0.0 || v["total_bytes"] != 33170.0 {
		t.Errorf("%v", v)
	}
}

// Where the reader asks for it, the older dialects say in counters whose they are, each in its own spelling.
func TestNamedCounters(t *testing.T) {
	f := sample()
	for d, app := range map[Dialect]string{V3: "133.netify.netflix", V4: "netify.netflix"} {
		f.Named = true
		v := flowOf(t, AppendPurge(nil, d, f, Idle))
		if v["detected_application_name"] != app || v["local_ip"] != "192.168.1.7" || v["local_mac"] != "e4:98:d6:1f:bd:14" || v["other_ip"] == nil || v["other_port"] == nil || v["local_port"] == nil || v["other_mac"] == nil || v["detected_protocol"] != 196.0 {
			t.Errorf("dialect %v: %v", d, v)
		}
		f.Named = false
		if v := flowOf(t, AppendStats(nil, d, f)); v["detected_application"] != nil || v["local_ip"] != nil {
			t.Errorf("dialect %v: %v", d, v)
		}
	}
}

func TestFiveStatus(t *testing.T) {
	s := testStatus()
	s.BuildVersion = "netifyd/1.2.3"
	v := parse(t, AppendStatus(nil, V5, s, false))
	for _, name := range strings.Fields("agent_version build_version timestamp uptime update_interval update_imf cpu_cores cpu_user cpu_user_prev " +
		"cpu_system cpu_system_prev flow_count flow_count_prev flows_active flows_in_use flows_expiring flows_expired flows_purged maxrss_kb " +
		"maxrss_kb_prev memrss_kb memrss_kb_prev tcm_kb tcm_kb_prev dhc_status fhc_status") {
		if _, ok := v[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	if short := parse(t, AppendStatus(nil, V5, s, true)); !reflect.DeepEqual(v, short) {
		t.Errorf("%v and %v", v, short)
	}
}

func TestNetwork(t *testing.T) {
	s := testStatus()
	s.Interfaces[1].Capture = "tpv3"
	s.Interfaces = append(s.Interfaces, InterfaceStatus{Name: "wan", Role: "WAN"}, s.Interfaces[0],
		InterfaceStatus{Name: "type"}) // cannot be told
	expect(t, parse(t, AppendInterfaces(nil, s.Interfaces)), `{"eth1":{"addr":[],"capture_type":"tpv3","mac":"00:00:00:00:00:00","role":"wan"},
"lan0":{"addr":["fe80::1","192.168.1.1"],"capture_type":"pcap","mac":"da:95:70:e0:62:61","role":"lan"},"type":"interfaces",
"wan":{"addr":[],"capture_type":"pcap","mac":"00:00:00:00:00:00","role":"wan"}}`)
	expect(t, parse(t, AppendEndpoints(nil, s.Devices)),
		`{"76:00:00:00:00:00":["fe80::2"],"e4:00:00:00:00:00":["192.168.1.7","192.168.1.8"],"type":"endpoints"}`)
	expect(t, parse(t, AppendEndpoints(nil, nil)), `{"type":"endpoints"}`)
	expect(t, parse(t, AppendInterfaces(nil, nil)), `{"type":"interfaces"}`)
	v := parse(t, AppendInterfaceStats(nil, s.Interfaces[:2]))
	if lan0 := v["lan0"].(map[string]any); lan0["raw"] != 411.0 || len(lan0) != 22 {
		t.Errorf("%v", v)
	}
	s.Interfaces[0].Stats = InterfaceStats{Raw: 1, LargestBytes: 60, TCPSeqErrors: 2}
	s.Interfaces[1].Stats = InterfaceStats{Raw: 2, LargestBytes: 50, TCPSeqErrors: 3}
	if v := parse(t, AppendGlobalStats(nil, s.Interfaces[:2])); v["raw"] != 3.0 || v["largest_bytes"] != 60.0 || v["tcp_seq_errors"] != 5.0 {
		t.Errorf("%v", v)
	}
}

// Every member of a sum is summed: a counter that Add forgets would vanish where an interface has two shards.
func TestAddSumsAll(t *testing.T) {
	var a, b InterfaceStats
	v := reflect.ValueOf(&b).Elem()
	for i := range v.NumField() {
		v.Field(i).SetUint(uint64(i + 1))
	}
	a.Add(&b)
	if a != b {
		t.Errorf("%+v", a)
	}
}

// What the published schemas of netifyd 5 require is there, and is what the
// strictest known reader takes: a number, a text, true or false.
func TestFiveHasWhatSchemasRequire(t *testing.T) {
	f := told()
	kinds := map[string]string{
		"text":   "digest local_ip other_ip local_mac other_mac other_type detected_protocol_name detected_application_name",
		"number": "first_seen_at last_seen_at ip_version ip_protocol ip_dscp vlan_id local_port other_port detected_protocol detected_application detection_packets",
		"bool":   "ip_nat local_origin detection_guessed detection_updated dhc_hit fhc_hit soft_dissector app_ip_override app_proto_twins",
	}
	counters := map[string]string{"text": "digest", "number": "last_seen_at detection_packets local_bytes other_bytes local_packets other_packets local_rate other_rate total_bytes total_packets"}
	check := func(name string, line []byte, want map[string]string) {
		v := flowOf(t, line)
		for kind, list := range want {
			for _, k := range strings.Fields(list) {
				ok := false
				switch v[k].(type) {
				case string:
					ok = kind == "text"
				case float64:
					ok = kind == "number"
				case bool:
					ok = kind == "bool"
				}
				if !ok {
					t.Errorf("%s.%s is %v, not a %s", name, k, v[k], kind)
				}
			}
		}
		if prev, ok := v["digest_prev"].([]any); !ok || len(prev) == 0 {
			t.Errorf("%s.digest_prev is %v", name, v["digest_prev"])
		}
	}
	record := AppendFlow(nil, V5, f)
	check("flow", record, kinds)
	check("flow", record, counters)
	check("flow_stats", AppendStats(nil, V5, f), counters)
	check("flow_purge", AppendPurge(nil, V5, f, Closed), counters)
	for _, k := range strings.Fields("application domain protocol overlay") {
		if _, ok := flowOf(t, record)["category"].(map[string]any)[k].(float64); !ok {
			t.Errorf("category.%s is missing", k)
		}
	}
}
