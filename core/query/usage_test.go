package query_test

import (
	"strings"
	"testing"

	"netifyd/core/alert"
	"netifyd/core/calendar"
	"netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/query"
	"netifyd/core/query/querytest"
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
	h := &counted{Still: querytest.House(), table: usage.New(device.New(device.Options{Devices: 8}), usage.Options{Cells: 64, Clock: clock})}
	h.history, _ = usage.OpenHistory(new(usage.Memory), clock, usage.Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	at := int64(1_800_000_000) - 1_800_000_000%hour
	book := func(app uint32, mac byte, down uint64) {
		r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, App: app, MAC: [2][6]byte{{0, 0, 0, 0, 0, mac}}, First: at * 1e9}
		r.Addr[0] = [16]byte{192, 168, 1, mac}
		r.Bytes = [2]uint64{10, down}
		h.table.Devices.Lock()
		h.table.End(r, usage.Where{Addresses: flow.NewAddresses(nil, nil)}, at*1e9)
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
		`{}`:                                    "[[0,00:00:00:00:00:01,,netify.youtube,77,10,1]]",
		`{"period":"yesterday"}`:                "[[0,00:00:00:00:00:01,,netify.netflix,1000,10,1],[0,00:00:00:00:00:02,,netify.netflix,500,10,1]]",
		`{"period":"month","by":"application"}`: "[[0,,,netify.netflix,1500,20,2],[0,,,netify.youtube,77,10,1]]",
		`{"period":"7d","by":"category"}`:       "[[0,,,streaming-media,1577,30,3]]",
		`{"period":"7d","by":"device"}`:         "[[0,00:00:00:00:00:01,,,1077,20,2],[0,00:00:00:00:00:02,,,500,10,1]]",
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
		`{"by":"colour"}`: "want device", `{"period":"soon"}`: "FROM..TO", `{"step":"week"}`: "hour, day or month", `{"device":"nobody"}`: "none that is called so", `{"period":"2026-10..2026-09"}`: "ends before",
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
	if err != nil || !strings.Contains(string(text), `"00:00:00:00:00:02","Ann's tv","user","tv","user",`) || !strings.Contains(string(text), `"total":1`) {
		t.Errorf("%s %v", text, err)
	}
	v := ask(t, s, "devices", `{"sort":"today_down"}`)
	if rows := v["rows"].([]any); len(rows) != 2 || rows[0].([]any)[1] != "00:00:00:00:00:01" || rows[0].([]any)[8] != true || rows[0].([]any)[13] != 77.0 || rows[0].([]any)[15] != 1077.0 {
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
	if want := `"rows":[[2,"application_first",false,200,200,"00:00:00:00:00:01","","netify.netflix",0,0]],"total":1`; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%s %v", text, err)
	}
}
