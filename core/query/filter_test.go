package query_test

import (
	"slices"
	"testing"

	"netifyd/core/flow"
	"netifyd/core/query"
	"netifyd/core/query/filter"
	"netifyd/core/query/querytest"
	"netifyd/core/risk"
)

func TestFilter(t *testing.T) {
	h := querytest.House()
	h.Wrong = map[int64]risk.Set{h.List[1].First: 1<<risk.Credentials | 1<<risk.Unidirectional}
	h.List[2].Marks |= flow.Twin
	for text, want := range map[string]string{
		"": "012", "netflix": "0", "NETFLIX": "0", "!netflix": "12", "app:youtube": "1", "cat:streaming": "01", "!cat:streaming": "2",
		"proto:quic": "1", "proto:https": "0", "proto:http/s": "0", "host:googlevideo": "1", "host:*.netflix.com": "0", "host:netflix.com": "0", "host:netflix*": "", "host:www.*.com": "0",
		"port:443": "01", "!port:443": "2", "port:50000": "012", "iface:br-lan": "012", "iface:eth1": "", "net:192.168.1.0/24": "01", "net:203.0.113.1": "1",
		"net:2001:db8::/32": "2", "state:new": "12", "state:unknown": "2", "state:internet": "012", "state:idle !app:netflix": "1", "192.168.1.8": "1", "2001:db8": "2",
		`"www.netflix"`: "0", `host:"www.netflix"`: "0", "port:443 proto:quic": "1", "state:active": "2",
		"risk:any": "1", "!risk:any": "02", "risk:high": "1", "risk:severe": "", "risk:clear-text": "1", "state:twin": "2",
		"device:192.168.1.7": "0", "device:192.168.1.8": "1", "device:192.168.1": "",
	} {
		places, err := query.Through(h, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := ""
		for _, p := range places {
			got += string(rune('0' + p))
		}
		if got != want {
			t.Errorf("%q lets through %q, want %q", text, got, want)
		}
	}
}

// Every state that the language has is one that chooses.
func TestStates(t *testing.T) {
	flows, devices := query.States()
	if !slices.Equal(flows, filter.FlowStates) || !slices.Equal(devices, filter.DeviceStates) {
		t.Error(flows, devices)
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{"device:tv app:netflix !proto:quic", `host:"a b*c" port:1`, "net:2001:db8::/32 state:new", "a:b:c !!x"} {
		f.Add(s)
	}
	h := querytest.House()
	f.Fuzz(func(t *testing.T, text string) { _, _ = query.Through(h, text) })
}
