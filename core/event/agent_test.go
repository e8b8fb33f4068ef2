package event

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"netifyd/core/proto"
)

func TestHello(t *testing.T) {
	expect(t, parse(t, AppendHello(nil, "1.2.3", `netifyd/1.2.3 (linux; "x")`)),
		`{"agent_version":"1.2.3","build_version":"netifyd/1.2.3 (linux; \"x\")","json_version":1.9,"type":"agent_hello"}`)
}

func testStatus() *Status {
	addr := netip.MustParseAddr
	return &Status{
		AgentVersion: "1.2.3", Timestamp: 1795279259, Uptime: 5, UpdateInterval: 15, CPUCores: 2,
		CPUSystem: 62477 * time.Microsecond, CPUUser: 1500 * time.Millisecond, MaxRSS: 24092, MaxRSSPrev: 21000, RSS: 20000, RSSPrev: 19000, MemoryPlan: 9000,
		Flows: 29, FlowsPrev: 28, FlowsEvicted: 1, FlowsExpired: 4, FlowsPurged: 5, SlotsExhausted: 2, Hints: 35, Capture: CaptureStatus{411, 3, 1}, Offload: "software",
		FlowsUnanswered: 5, FlowsUntold: 6, Clients: ClientStatus{Connected: 2, Refused: 7, Closed: 1, Lost: 9},
		Interfaces: []InterfaceStatus{
			{Name: "lan0", Role: "LAN", MAC: [6]byte{0xda, 0x95, 0x70, 0xe0, 0x62, 0x61}, Addresses: []netip.Addr{addr("fe80::1%lan0"), addr("192.168.1.1")},
				State: Online, Stats: InterfaceStats{Raw: 411, WireBytes: 194253}},
			{Name: "eth1", Role: "WAN", State: Gone},
		},
		Devices: []Device{
			{MAC: [6]byte{0xe4}, Addresses: []netip.Addr{addr("192.168.1.7")}},
			{MAC: [6]byte{0x76}, Addresses: []netip.Addr{addr("fe80::2")}},
			{MAC: [6]byte{0xe4}, Addresses: []netip.Addr{addr("192.168.1.8")}},
		},
	}
}

func TestStatusOfRules(t *testing.T) {
	s := testStatus()
	s.Actions = &ActionStatus{Rules: 3, Active: 2, Flows: 4, Hits: 9, Elements: 5, Errors: 1, Refused: 6, Failing: 7, Lost: 8}
	for _, d := range []Dialect{V4, V5} {
		got := parse(t, AppendStatus(nil, d, s, false))["actions"].(map[string]any)
		expect(t, got, `{"active":2,"elements":5,"errors":1,"failing":7,"flows":4,"hits":9,"lost":8,"refused":6,"rules":3}`)
	}
}

const wantShort = `{"capture":{"dropped":3,"freezes":1,"received":411},"clients":{"closed":1,"connected":2,"lost":9,"refused":7},"cpu_cores":2,"cpu_system":0.062477,"cpu_system_prev":0.0,
"cpu_user":1.5,"cpu_user_prev":0.0,"dhc_size":35,"dhc_status":true,"fhc_status":false,"flow_count":29,"flow_count_prev":28,"flows":29,
"flows_active":29,"flows_evicted":1,"flows_expired":4,"flows_expiring":0,"flows_in_use":29,"flows_prev":28,"flows_purged":5,"flows_unanswered":5,"flows_untold":6,
"maxrss_kb":24092,"maxrss_kb_prev":21000,"memory_plan_kb":9000,"memrss_kb":20000,"memrss_kb_prev":19000,"offload":"software","sink_status":false,"sink_uploads":false,
"slots_exhausted":2,"timestamp":1795279259,"type":"agent_status","update_imf":1,"update_interval":15,"uptime":5,"version":1.9`

func TestStatus(t *testing.T) {
	s := testStatus()
	short := AppendStatus(nil, V4, s, true)
	expect(t, parse(t, short), wantShort+"}")
	full := parse(t, AppendStatus(nil, V4, s, false))
	lan0 := full["stats"].(map[string]any)["lan0"].(map[string]any)
	if lan0["raw"] != 411.0 || lan0["wire_bytes"] != 194253.0 || len(lan0) != 24 {
		t.Errorf("%v", lan0)
	}
	if len(full["stats"].(map[string]any)) != 2 {
		t.Errorf("%v", full["stats"])
	}
	delete(full, "stats")
	expect(t, full, wantShort+`,"agent_version":"1.2.3","dns_hint_cache":{"cache_size":35},
"devices":{"76:00:00:00:00:00":["fe80::2"],"e4:00:00:00:00:00":["192.168.1.7","192.168.1.8"]},
"interfaces":{"eth1":{"mac":"00:00:00:00:00:00","role":"WAN"},
"lan0":{"addr":["fe80::1","192.168.1.1"],"mac":"da:95:70:e0:62:61","role":"LAN","state":1}}}`)

	expect(t, parse(t, AppendClientStatus(nil, short, 77)), wantShort+`,"client_dropped":77}`)
	s.Devices, s.Hints, s.Offload, s.Interfaces = nil, -1, "", nil
	v := parse(t, AppendStatus(nil, V4, s, false))
	if v["dns_hint_cache"] != nil {
		t.Errorf("%v", v["dns_hint_cache"])
	}
	if d, there := v["devices"]; d != nil || !there {
		t.Errorf("devices: %v", d)
	}
	if _, there := v["dhc_size"]; there || v["dhc_status"] != false || v["offload"] != "none" {
		t.Errorf("%v", v)
	}
}

// A version that looks like the member before which client_dropped goes is text all the same.
func TestClientStatusIsNotFooled(t *testing.T) {
	s := testStatus()
	s.AgentVersion = `"clients":{`
	v := parse(t, AppendClientStatus(nil, AppendStatus(nil, V4, s, false), 5))
	if v["client_dropped"] != 5.0 || v["agent_version"] != s.AgentVersion {
		t.Errorf("%v", v)
	}
}

func TestDefinitions(t *testing.T) {
	apps := func(fn func(uint32, string)) {
		fn(142, "netify.whatsapp")
		fn(20001, `a"b`)
	}
	protocols := 0
	proto.All(func(proto.ID, string) { protocols++ })
	tags := func(list any) map[string]float64 {
		m := map[string]float64{}
		for _, e := range list.([]any) {
			m[e.(map[string]any)["tag"].(string)] = e.(map[string]any)["id"].(float64)
		}
		return m
	}
	v3 := parse(t, AppendDefinitions(nil, V3, Names{Applications: apps}))
	list := tags(v3["protocols"])
	if v3["type"] != "protocols" || len(list) != protocols+2 || list["HTTPS"] != 196 || list["142.netify.whatsapp"] != 142 || list[`20001.a"b`] != 20001 {
		t.Errorf("%v", v3)
	}
	v4 := parse(t, AppendDefinitions(nil, V4, Names{apps, func(fn func(uint8, string)) { fn(29, "streaming-media") }}))
	if c := tags(v4["application_categories"]); len(c) != 1 || c["streaming-media"] != 29 {
		t.Errorf("%v", c)
	}
	if c := tags(v4["protocol_categories"]); c["web"] != 22 || c["mail"] != 11 || len(c) != 18 {
		t.Errorf("%v", c)
	}
	if v4["type"] != "definitions" || len(tags(v4["protocols"])) != protocols || tags(v4["protocols"])["HTTP/S"] != 196 {
		t.Errorf("%v", v4)
	}
	if a := tags(v4["applications"]); len(a) != 2 || a["netify.whatsapp"] != 142 {
		t.Errorf("%v", a)
	}
	if s := string(AppendDefinitions(nil, V4, Names{})); !strings.HasPrefix(s, `{"application_categories":[],"applications":[],"protocol_categories":[{"id":1,"tag":"unclassified"},`) {
		t.Errorf("%.80s", s)
	}
}
