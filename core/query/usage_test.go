package query_test

import (
	"fmt"
	"strings"
	"testing"

	"netifyd/core/alert"
	"netifyd/core/calendar"
	"netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/query"
	"netifyd/core/query/querytest"
	"netifyd/core/risk"
	"netifyd/core/usage"
)

// counted is a house in which two devices used something.
type counted struct {
	*querytest.Still
	table   *usage.Table
	history *usage.History
	alerts  alert.Ring
	commits int
}

func (h *counted) Usage() *usage.Table     { return h.table }
func (h *counted) History() *usage.History { return h.history }
func (h *counted) Alerts() *alert.Ring     { return &h.alerts }
func (h *counted) CommitUsage() error      { h.commits++; return nil }

// newCounted has an hour of the day before in its history, and one of now.
func newCounted(t *testing.T) *counted {
	t.Helper()
	const hour = 3600
	clock, err := calendar.NewClock("UTC0", "1")
	if err != nil {
		t.Fatal(err)
	}
	h := &counted{Still: querytest.House(), table: usage.New(device.New(device.Options{Devices: 8}), usage.Options{Cells: 1024, Hosts: 32, Clock: clock})}
	h.history, _ = usage.OpenHistory(new(usage.Memory), clock, usage.Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	at := int64(1_800_000_000) - 1_800_000_000%hour
	book := func(app uint32, mac byte, down uint64) {
		r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, App: app, MAC: [2][6]byte{{0, 0, 0, 0, 0, mac}}, First: at * 1e9}
		r.Addr[0] = [16]byte{192, 168, 1, mac}
		r.Bytes = [2]uint64{10, down}
		h.table.Devices.Lock()
		h.table.Book(r, &usage.Where{Addresses: flow.NewAddresses(nil, nil)}, uint32(at))
		h.table.Visit(r, []byte("www.example."+string('a'+rune(app%26))), true)
		h.table.End(r, &usage.Where{Addresses: flow.NewAddresses(nil, nil)}, uint32(at))
		h.table.Tick(at * 1e9)
		h.table.Devices.Unlock()
	}
	book(133, 1, 1000)
	book(133, 2, 500)
	at += 24 * hour
	h.table.Devices.Lock()
	h.table.Tick(at * 1e9)
	h.table.Devices.Unlock()
	if err := h.history.Commit(h.table); err != nil {
		t.Fatal(err)
	}
	book(10119, 1, 77)
	h.Time = at * 1e9
	return h
}

func TestUsageAnswers(t *testing.T) {
	h := newCounted(t)
	s := query.New(h)
	for args, want := range map[string]string{
		`{}`:                                     "[[0,00:00:00:00:00:01,,netify.youtube,77,10,1]]",
		`{"period":"yesterday"}`:                 "[[0,00:00:00:00:00:01,,netify.netflix,1000,10,1],[0,00:00:00:00:00:02,,netify.netflix,500,10,1]]",
		`{"period":"month","by":"application"}`:  "[[0,,,netify.netflix,1500,20,2],[0,,,netify.youtube,77,10,1]]",
		`{"period":"7d","by":"category"}`:        "[[0,,,streaming-media,1577,30,3]]",
		`{"period":"7d","by":"device,category"}`: "[[0,00:00:00:00:00:01,,streaming-media,1077,20,2],[0,00:00:00:00:00:02,,streaming-media,500,10,1]]",
		`{"period":"7d","by":"category, device","step":"day","device":"00:00:00:00:00:02"}`: "[[1799971200,00:00:00:00:00:02,,streaming-media,500,10,1]]",
		`{"period":"7d","by":"device"}`:                                           "[[0,00:00:00:00:00:01,,,1077,20,2],[0,00:00:00:00:00:02,,,500,10,1]]",
		`{"period":"7d","by":"device","step":"day","device":"00:00:00:00:00:01"}`: "[[1799971200,00:00:00:00:00:01,,,1000,10,1],[1800057600,00:00:00:00:00:01,,,77,10,1]]",
		`{"period":"7d","application":"youtube","by":"device","limit":1}`:         "[[0,00:00:00:00:00:01,,,77,10,1]]",
		`{"local":true}`: "[]",
	} {
		text, err := s.Ask("usage", []byte(args), query.Caller{})
		_, rows, _ := strings.Cut(string(text), `"rows":`)
		rows, _, _ = strings.Cut(strings.ReplaceAll(rows, `"`, ""), ",total")
		if err != nil || rows != want {
			t.Errorf("%s: %v\nhave %s\nwant %s", args, err, rows, want)
		}
	}
	for args, want := range map[string]string{
		`{"by":"colour"}`: "want device", `{"by":"application,category"}`: "want one of the two", `{"period":"soon"}`: "FROM..TO", `{"step":"week"}`: "hour, day or month", `{"device":"nobody"}`: "no device \"nobody\"", `{"period":"2026-10..2026-09"}`: "ends before",
	} {
		if text, err := s.Ask("usage", []byte(args), query.Caller{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s %v", args, text, err)
		}
	}
}

func TestDeviceAnswers(t *testing.T) {
	h := newCounted(t)
	s := query.New(h)
	may := query.Caller{Changes: true}
	if _, err := s.Ask("device_set", []byte(`{"device":"192.168.1.2","name":"tv"}`), query.Caller{}); err == nil {
		t.Error("anybody may name devices")
	}
	for _, args := range []string{`{"device":"192.168.1.2","name":"Ann's tv","type":"tv"}`, `{"device":"00:00:00:00:00:01","hidden":true}`} {
		if _, err := s.Ask("device_set", []byte(args), may); err != nil {
			t.Error(args, err)
		}
	}
	text, err := s.Ask("devices", []byte(`{"filter":"tv !none"}`), query.Caller{})
	if err != nil || !strings.Contains(string(text), `"00:00:00:00:00:02","Ann's tv","user","tv","user","",`) || !strings.Contains(string(text), `"total":1`) {
		t.Errorf("%s %v", text, err)
	}
	v := ask(t, s, "devices", `{"sort":"today_down"}`)
	if rows := v["rows"].([]any); len(rows) != 2 || rows[0].([]any)[1] != "00:00:00:00:00:01" || cell(v, 0, "hidden") != true || cell(v, 0, "today_down") != 77.0 || cell(v, 0, "period_down") != 1077.0 {
		t.Errorf("%v", rows)
	}
	if _, err := s.Ask("device_forget", []byte(`{"device":"Ann's tv"}`), may); err != nil {
		t.Error(err)
	}
	if _, err := s.Ask("device_forget", []byte(`{"device":"Ann's tv"}`), may); err == nil {
		t.Error("forgotten twice")
	}
	if _, err := s.Ask("usage_commit", nil, may); err != nil || h.commits != 1 {
		t.Error(err, h.commits)
	}
	if _, err := s.Ask("usage_reset", nil, may); err == nil {
		t.Error("reset without being sure")
	}
}

func TestAlertAnswers(t *testing.T) {
	h := newCounted(t)
	s := query.New(h)
	h.alerts.Raise(alert.Alert{Kind: alert.DeviceNew, Device: h.table.Devices.At(5).Number}, 100)
	h.alerts.Raise(alert.Alert{Kind: alert.ApplicationFirst, Device: h.table.Devices.At(5).Number, Label: uint32(usage.App(133, usage.Internet))}, 200)
	text, err := s.Ask("alerts", []byte(`{"since":1}`), query.Caller{})
	if want := `"rows":[[2,"application_first",false,200,200,"00:00:00:00:00:01","","netify.netflix",0,"",""]],"total":1`; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%s %v", text, err)
	}
}

// cell is a cell of a list by the name of its column.
func cell(v map[string]any, row int, column string) any {
	for i, c := range v["columns"].([]any) {
		if c == column {
			return v["rows"].([]any)[row].([]any)[i]
		}
	}
	return nil
}

// Devices are chosen in the language of flows: by what they are, and by the flows that they have.
func TestDevicesByFilter(t *testing.T) {
	h := newCounted(t)
	for i := range h.List {
		h.List[i].Device = uint16(5 + i%2) // netflix on one, youtube on two, the third again on one
	}
	h.Wrong = map[int64]risk.Set{h.List[1].First: 1 << risk.Credentials}
	s := query.New(h)
	if _, err := s.Ask("device_set", []byte(`{"device":"192.168.1.2","name":"tv","type":"screen"}`), query.Caller{Changes: true}); err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string]string{
		"": "5 6", "tv": "6", "!tv": "5", "device:tv": "6", "device:00:00:00:00:00:01": "5", "screen": "6", "net:192.168.1.1": "5", "device:192.168.1.2": "6", "192.168.1": "5 6",
		"app:netflix": "5", "!app:netflix": "6", "port:443": "5 6", "host:googlevideo": "6", "proto:quic": "6", "cat:streaming": "5 6", "iface:br-lan": "5 6", "iface:eth9": "",
		"app:netflix port:9999": "", "port:9999 !app:netflix": "", "port:9999": "5", "state:unknown": "5", "state:active": "5", "state:idle": "6", "state:new": "", "state:hidden": "", "!state:hidden": "5 6", "tv app:netflix": "",
		"risk:high": "6", "!risk:high": "5", "risk:clear-text": "6", "risk:severe": "",
	} {
		v := ask(t, s, "devices", `{"sort":"id","filter":"`+filter+`"}`)
		if v["error"] != nil {
			t.Errorf("%s: %v", filter, v["error"])
		} else if got := first(v); got != want {
			t.Errorf("%q lets through %q, want %q", filter, got, want)
		}
	}
	for column, want := range map[string]string{"id": "5 6", "-id": "6 5", "name": "6 5", "period_down": "5 6", "today_up": "5 6", "online": "5 6", "-last": "6 5", "type": "6 5", "addresses": "5 6"} {
		if got := first(ask(t, s, "devices", `{"sort":"`+column+`"}`)); got != want {
			t.Errorf("by %s: %s, want %s", column, got, want)
		}
	}
	if got := first(ask(t, s, "devices", `{"sort":"id","offset":1,"limit":1}`)); got != "6" {
		t.Error(got)
	}
	for args, want := range map[string]string{`{"filter":"stat:x"}`: "no key", `{"filter":"state:tired"}`: "hidden", `{"offset":5000}`: "narrow the filter", `{"sort":"size"}`: "there is no column"} {
		if v := ask(t, s, "devices", args); !strings.Contains(fmt.Sprint(v["error"]), want) {
			t.Errorf("%s: %v", args, v["error"])
		}
	}
}

func TestDeviceInDetail(t *testing.T) {
	h := newCounted(t)
	s := query.New(h)
	v := ask(t, s, "device", `{"mac":"00:00:00:00:00:01","period":"month"}`)
	if v["error"] != nil || v["known_by"] != "mac" || v["today_down"] != 77.0 || v["period_down"] != 1077.0 {
		t.Fatal(v)
	}
	for name, want := range map[string]string{"hours": "24 77 0", "days": "31 77 1000", "months": "13 1077 0"} { // how many, the last, the one before
		rows := v[name].(map[string]any)["rows"].([]any)
		down := func(ago int) any { return rows[len(rows)-1-ago].([]any)[1] }
		if got := fmt.Sprint(len(rows), down(0), down(1)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	apps := v["applications"].(map[string]any)["rows"].([]any)
	if fmt.Sprint(apps) != "[[133 0 netify.netflix 1000 10 1] [10119 0 netify.youtube 77 10 1]]" {
		t.Error(apps)
	}
	for args, want := range map[string]string{`{}`: "say which one", `{"device":"nobody"}`: "no device \"nobody\"", `{"device":"192.168.1.1","period":"soon"}`: "FROM..TO"} {
		if v := ask(t, s, "device", args); !strings.Contains(fmt.Sprint(v["error"]), want) {
			t.Errorf("%s: %v", args, v)
		}
	}
}

func TestUsageBySteps(t *testing.T) {
	s := query.New(newCounted(t))
	for args, want := range map[string]string{
		`{"step":"day","count":2,"by":"device"}`: "1799971200 1799971200 1800057600", `{"step":"day","count":1,"by":"device"}`: "1800057600",
		`{"step":"day","from":1799971200,"count":1,"by":"application"}`: "1799971200", `{"count":2,"by":"application","step":"month"}`: "1798761600 1798761600",
	} {
		if got := first(ask(t, s, "usage", args)); got != want {
			t.Errorf("%s: %s, want %s", args, strings.ReplaceAll(got, "e+09", ""), want)
		}
	}
	if v := ask(t, s, "usage", `{"count":2,"period":"today"}`); v["error"] == nil {
		t.Error(v)
	}
}

func TestHostAnswers(t *testing.T) {
	h := newCounted(t)
	h.Time += 10e9
	s := query.New(h)
	u := h.table
	u.Devices.Lock()
	for mac := byte(1); mac < 3; mac++ {
		r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, App: 133, MAC: [2][6]byte{{0, 0, 0, 0, 0, mac}}, Bytes: [2]uint64{1, uint64(mac) * 1000}}
		w := &usage.Where{Addresses: flow.NewAddresses(nil, nil)}
		u.Book(r, w, uint32(h.Time/1e9))
		u.Visit(r, []byte("www.example.org"), true)
		u.End(r, w, uint32(h.Time/1e9))
	}
	u.Devices.Unlock()
	for args, want := range map[string]string{
		`{}`: "www.example.org 3000 2 www.example.f 77 1", `{"device":"192.168.1.1"}`: "www.example.org 1000 1 www.example.f 77 1", `{"application":"youtube"}`: "www.example.f 77 1",
		`{"by":"device,host","limit":2}`: "www.example.org 2000 1 www.example.org 1000 1", `{"mac":"00:00:00:00:00:02","offset":1}`: "",
	} {
		v := ask(t, s, "hosts", args)
		var have []string
		for i := range v["rows"].([]any) {
			have = append(have, fmt.Sprint(cell(v, i, "host"), " ", cell(v, i, "down"), " ", cell(v, i, "flows")))
		}
		if got := strings.Join(have, " "); got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
	for args, want := range map[string]string{`{"by":"name"}`: "want host", `{"device":"nobody"}`: "no device \"nobody\""} {
		if v := ask(t, s, "hosts", args); !strings.Contains(fmt.Sprint(v["error"]), want) {
			t.Errorf("%s: %v", args, v)
		}
	}
}

// Without since the newest come; with it none is passed over.
func TestAlertsByPages(t *testing.T) {
	h := newCounted(t)
	s := query.New(h)
	for i := range 20 {
		h.alerts.Raise(alert.Alert{Kind: alert.DeviceNew, Device: uint32(100 + i)}, 100)
	}
	for args, want := range map[string]string{`{"limit":3}`: "18 19 20", `{"since":4,"limit":3}`: "5 6 7", `{"since":19}`: "20", `{"since":20}`: ""} {
		if got := first(ask(t, s, "alerts", args)); got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
}

// Counters of totals never fall, and what has none of its own is in the others.
func TestTotals(t *testing.T) {
	h := newCounted(t)
	s, u := query.New(h), h.table
	at := h.Time
	carry := func(app uint32, n uint64) {
		r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, App: app, MAC: [2][6]byte{{0, 0, 0, 0, 0, 1}}, Bytes: [2]uint64{0, n}}
		u.Devices.Lock()
		u.End(r, &usage.Where{Addresses: flow.NewAddresses(nil, nil)}, uint32(at/1e9))
		u.Devices.Unlock()
	}
	was, sum := map[string]float64{}, 1577.0
	for round := range 60 {
		for n := range 4 {
			app := uint32(1000 + round*4%90 + n)
			carry(app, uint64(100+round*100))
			sum += float64(100 + round*100)
		}
		if round%10 == 0 {
			at += 3600e9
			u.Devices.Lock()
			u.Tick(at)
			u.Devices.Unlock()
		}
		v := ask(t, s, "totals", `{"by":"application","limit":200}`)
		rows := v["rows"].([]any)
		if len(rows) > 65 {
			t.Fatalf("%d rows", len(rows))
		}
		for i := range rows {
			name := fmt.Sprint(cell(v, i, "application"), cell(v, i, "name"))
			if n := cell(v, i, "down").(float64); n < was[name] {
				t.Errorf("round %d: %s fell from %v to %v", round, name, was[name], n)
			} else {
				was[name] = n
			}
		}
	}
	if v := ask(t, s, "totals", ""); cell(v, 0, "down").(float64)+cell(v, 1, "down").(float64) != sum {
		t.Errorf("devices: %v, want %v", v, sum)
	}
	if v := ask(t, s, "totals", `{"by":"hour"}`); v["error"] == nil {
		t.Error(v)
	}
}

// A device under two hardware addresses is one, in lists, history and filters.
func TestSameDevice(t *testing.T) {
	h := newCounted(t)
	s := query.New(h)
	may := query.Caller{Changes: true}
	for args, want := range map[string]string{`{"device":"00:00:00:00:00:02","same_as":"nobody"}`: "same_as: there is no device \"nobody\"", `{"device":"00:00:00:00:00:02","same_as":"192.168.1.2"}`: "same as itself",
		`{"device":"192.168.1.77","name":"tv"}`: "nothing was seen of 192.168.1.77 yet: it is a device some seconds after it sent something", `{"device":"nobody","name":"tv"}`: "no device \"nobody\""} {
		if _, err := s.Ask("device_set", []byte(args), may); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
	if _, err := s.Ask("device_set", []byte(`{"device":"00:00:00:00:00:02","same_as":"00:00:00:00:00:01"}`), may); err != nil {
		t.Fatal(err)
	}
	v := ask(t, s, "devices", "")
	if first(v) != "5" || cell(v, 0, "period_down") != 1577.0 {
		t.Errorf("%v", v["rows"])
	}
	v = ask(t, s, "usage", `{"period":"7d","by":"device"}`)
	if len(v["rows"].([]any)) != 1 || cell(v, 0, "down") != 1577.0 {
		t.Errorf("%v", v["rows"])
	}
	if v := ask(t, s, "device", `{"device":"00:00:00:00:00:02"}`); v["id"] != 5.0 || fmt.Sprint(v["same"]) != "[00:00:00:00:00:02]" {
		t.Errorf("%v %v", v["id"], v["same"])
	}
	if _, err := s.Ask("device_set", []byte(`{"device":"00:00:00:00:00:02","same_as":""}`), may); err != nil {
		t.Fatal(err)
	}
	if v := ask(t, s, "usage", `{"period":"7d","by":"device"}`); len(v["rows"].([]any)) != 2 {
		t.Errorf("%v", v["rows"])
	}
}
