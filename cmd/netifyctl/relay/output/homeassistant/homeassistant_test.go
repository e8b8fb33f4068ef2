package homeassistant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"netifyd/cmd/netifyctl/relay/ask"
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/mqtt"
	"netifyd/cmd/netifyctl/relay/output/mqtt/mqtttest"
)

const agent = "0a-1b-2c-3d"

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// batch makes rows of a kind; devices come as the relay sends them, as arrays.
func batch(kind string, rows ...map[string]any) *output.Batch {
	b := &output.Batch{Agent: agent, Kind: kind}
	for _, r := range rows {
		var line []byte
		switch kind {
		case "device":
			b.Columns = ask.DeviceColumns
		case "alert":
			b.Columns = ask.AlertColumns
		}
		if b.Columns == nil {
			line, _ = json.Marshal(r)
		} else {
			var values []any
			for _, c := range b.Columns {
				values = append(values, r[c])
			}
			line, _ = json.Marshal(values)
		}
		b.Lines = append(b.Lines, line)
	}
	return b
}

var phone = map[string]any{"device": "02:11:22:33:44:55", "name": "Anna's phone", "vendor": "Fairphone", "type": "phone", "online": true,
	"down_rate": 125000, "up_rate": 0, "today_down": 3_000_000_000, "today_up": 5_000_000, "addresses": []string{"192.0.2.7"}}

var well = map[string]any{"time": 1, "answers": true, "agent": map[string]any{"version": "9.9", "flows": map[string]any{"now": 12}, "capture": map[string]any{"received": 5, "dropped": 0}}}

// retained is what a broker keeps: what Home Assistant finds when it starts.
func retained(t *testing.T, address string, enough func(map[string]string) bool) map[string]string {
	t.Helper()
	got := map[string]string{}
	from := mqtttest.Subscribe(t, address, "#")
	late := time.After(20 * time.Second)
	for !enough(got) {
		select {
		case m := <-from:
			if got[m.Topic] = m.Payload; m.Payload == "" {
				delete(got, m.Topic)
			}
		case <-late:
			t.Fatalf("only these came: %v", slices.Sorted(maps.Keys(got)))
		}
	}
	return got
}

// each runs a test with both brokers.
func each(t *testing.T, f func(t *testing.T, address string, kill, again func())) {
	t.Run("stand-in", func(t *testing.T) {
		s := mqtttest.NewStandIn(t, "127.0.0.1:0")
		f(t, s.Address(), s.Kill, func() { mqtttest.NewStandIn(t, s.Address()) })
	})
	t.Run("mosquitto", func(t *testing.T) {
		m := mqtttest.NewMosquitto(t, "allow_anonymous true\n")
		f(t, m.Address(), m.Kill, func() {
			if !m.Start() {
				t.Fatal("mosquitto does not start again")
			}
		})
	})
}

func newOutput(t *testing.T, s Settings) *Output {
	t.Helper()
	o, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

const (
	base    = "netifyd/v1/" + agent + "/ha"
	phoneID = "netifyd_" + agent + "_02_11_22_33_44_55"
)

func has(topics ...string) func(map[string]string) bool {
	return func(got map[string]string) bool {
		for _, topic := range topics {
			if got[topic] == "" {
				return false
			}
		}
		return true
	}
}

// What Home Assistant needs to show a device: a number, its unit, where it
// comes from, and when it is unavailable.
func TestDiscovery(t *testing.T) {
	each(t, func(t *testing.T, address string, _, _ func()) {
		o := newOutput(t, Settings{Broker: mqtt.Broker{URL: "mqtt://" + address}})
		for _, b := range []*output.Batch{batch("status", well), batch("device", phone), batch("usage", map[string]any{"x": 1}),
			batch("alert", map[string]any{"kind": "new_device", "text": "Anna's phone is new", "first": 7})} {
			if err := o.Send(within(t), b); err != nil {
				t.Fatal(err)
			}
		}
		got := retained(t, address, has(base+"/relay", base+"/alive", base+"/agent", base+"/alert", base+"/device/02_11_22_33_44_55",
			"homeassistant/sensor/"+phoneID+"/down/config", "homeassistant/binary_sensor/"+phoneID+"/online/config", "homeassistant/sensor/netifyd_"+agent+"/alert/config", "homeassistant/binary_sensor/netifyd_"+agent+"/online/config"))
		var e entity
		if err := json.Unmarshal([]byte(got["homeassistant/sensor/"+phoneID+"/down/config"]), &e); err != nil {
			t.Fatal(err)
		}
		if e.Name != "Download" || e.UniqueID != phoneID+"_down" || e.StateTopic != base+"/device/02_11_22_33_44_55" || e.Unit != "Mbit/s" || e.Class != "data_rate" || e.StateClass != "measurement" ||
			e.Device.Name != "Anna's phone" || e.Device.Manufacturer != "Fairphone" || e.Device.Via != "netifyd_"+agent || len(e.Device.Connections) != 1 || e.Device.Connections[0] != [2]string{"mac", "02:11:22:33:44:55"} {
			t.Errorf("%+v", e)
		}
		if e.Mode != "all" || len(e.Availability) != 2 || got[e.Availability[0].Topic] != "online" || got[e.Availability[1].Topic] != "online" {
			t.Errorf("availability %+v", e.Availability)
		}
		var state struct {
			Online   bool
			DownRate float64 `json:"down_rate"`
		}
		if err := json.Unmarshal([]byte(got[e.StateTopic]), &state); err != nil || state.DownRate != 125000 || !state.Online {
			t.Errorf("%v: %s", err, got[e.StateTopic])
		}
		var alert struct {
			Text, Kind string
			First      int
		}
		if err := json.Unmarshal([]byte(got[base+"/alert"]), &alert); err != nil || alert.Text != "Anna's phone is new" || alert.Kind != "new_device" || alert.First != 7 {
			t.Errorf("%v: %s", err, got[base+"/alert"])
		}
	})
}

// Unavailable when the agent does not answer, when the relay goes, and when it
// is killed; the last by the broker's hand.
func TestUnavailable(t *testing.T) {
	each(t, func(t *testing.T, address string, _, _ func()) {
		o := newOutput(t, Settings{Broker: mqtt.Broker{URL: "mqtt://" + address}})
		if err := o.Send(within(t), batch("status", well)); err != nil {
			t.Fatal(err)
		}
		got := mqtttest.Subscribe(t, address, "#")
		if err := o.Send(within(t), batch("status", map[string]any{"time": 2, "answers": false})); err != nil {
			t.Fatal(err)
		}
		for m := mqtttest.Next(t, got, base+"/alive"); m.Payload != "offline"; m = mqtttest.Next(t, got, base+"/alive") {
		}
		o.Close()
		for m := mqtttest.Next(t, got, base+"/relay"); m.Payload != "offline"; m = mqtttest.Next(t, got, base+"/relay") {
		}
	})
	s := mqtttest.NewStandIn(t, "127.0.0.1:0")
	o := newOutput(t, Settings{Broker: mqtt.Broker{URL: "mqtt://" + s.Address()}})
	if err := o.Send(within(t), batch("status", well)); err != nil {
		t.Fatal(err)
	}
	got := mqtttest.Subscribe(t, s.Address(), base+"/relay")
	if m := mqtttest.Next(t, got, base+"/relay"); m.Payload != "online" {
		t.Fatalf("%+v", m)
	}
	s.CutClient("netifyctl-" + agent + "-ha")
	if m := mqtttest.Next(t, got, base+"/relay"); m.Payload != "offline" {
		t.Fatalf("last will: %+v", m)
	}
	if m := mqtttest.Next(t, got, base+"/relay"); m.Payload != "online" {
		t.Fatalf("when it is back: %+v", m)
	}
}

// A broker that forgot everything is told everything again, without a new row.
func TestBrokerForgets(t *testing.T) {
	each(t, func(t *testing.T, address string, kill, again func()) {
		o := newOutput(t, Settings{Broker: mqtt.Broker{URL: "mqtt://" + address}})
		for _, b := range []*output.Batch{batch("status", well), batch("device", phone)} {
			if err := o.Send(within(t), b); err != nil {
				t.Fatal(err)
			}
		}
		kill()
		again()
		retained(t, address, has(base+"/relay", base+"/agent", base+"/device/02_11_22_33_44_55", "homeassistant/sensor/"+phoneID+"/today_up/config", "homeassistant/sensor/netifyd_"+agent+"/flows/config"))
	})
}

// What the broker refused for now is not taken for told.
func TestRefusedIsToldAgain(t *testing.T) {
	s := mqtttest.NewStandIn(t, "127.0.0.1:0")
	o := newOutput(t, Settings{Broker: mqtt.Broker{URL: "mqtt://" + s.Address()}})
	if err := o.Send(within(t), batch("status", well)); err != nil {
		t.Fatal(err)
	}
	s.SetPuback(0x97)
	if err := o.Send(within(t), batch("device", phone)); err == nil {
		t.Fatal("a full broker took it")
	}
	s.SetPuback(0)
	for len(s.Posted) > 0 {
		<-s.Posted
	}
	if err := o.Send(within(t), batch("device", phone)); err != nil {
		t.Fatal(err)
	}
	mqtttest.Next(t, s.Posted, "homeassistant/sensor/"+phoneID+"/down/config")
}

// Devices are bounded; those that were away for long are taken out; names that
// change are told; what stays is not announced twice.
func TestDevices(t *testing.T) {
	s := mqtttest.NewStandIn(t, "127.0.0.1:0")
	o := newOutput(t, Settings{Broker: mqtt.Broker{URL: "mqtt://" + s.Address()}, Devices: 2})
	clock := time.Unix(1_000_000, 0)
	o.now = func() time.Time { return clock }
	row := func(n int, name string, online bool) map[string]any {
		return map[string]any{"device": fmt.Sprintf("02:00:00:00:00:0%d", n), "name": name, "online": online}
	}
	send := func(rows ...map[string]any) (configs, emptied int) {
		t.Helper()
		if err := o.Send(within(t), batch("device", rows...)); err != nil {
			t.Fatal(err)
		}
		if err := o.Send(within(t), batch("alert", map[string]any{"kind": "mark"})); err != nil {
			t.Fatal(err)
		}
		take := func() (m mqtttest.Message) {
			select {
			case m = <-s.Posted:
			case <-within(t).Done():
				t.Fatal("the mark did not come")
			}
			return m
		}
		for m := take(); !strings.HasSuffix(m.Topic, "/alert"); m = take() {
			switch {
			case m.Payload == "":
				emptied++
			case strings.HasSuffix(m.Topic, "/config"):
				configs++
			}
		}
		return configs, emptied
	}
	send() // connects, where all is said twice
	for len(s.Posted) > 0 {
		<-s.Posted
	}
	for i, x := range []struct {
		rows             []map[string]any
		later            time.Duration
		configs, emptied int
	}{
		{[]map[string]any{row(1, "a", true), row(2, "b", true), row(3, "c", true)}, 0, 10, 0},
		{[]map[string]any{row(1, "a", true)}, time.Hour, 0, 0},
		{[]map[string]any{row(1, "A", true)}, time.Hour, 5, 0},
		{[]map[string]any{row(1, "A", true), row(2, "b", false)}, 14 * 24 * time.Hour, 0, 6},
		{[]map[string]any{row(3, "c", true)}, time.Hour, 5, 0},
	} {
		clock = clock.Add(x.later)
		if configs, emptied := send(x.rows...); configs != x.configs || emptied != x.emptied {
			t.Errorf("%d: %d announcements, %d taken back; want %d, %d", i, configs, emptied, x.configs, x.emptied)
		}
	}
}

func TestOpen(t *testing.T) {
	for _, x := range []struct{ text, key string }{
		{`url = "mqtt://broker"`, ""},
		{"url = \"mqtt://broker\"\ndiscovery_prefix = \"ha\"\ntopic = \"x/%a\"\ndevices = 50\nforget = \"48h\"\nqos = 0", ""},
		{`url = "broker"`, "url"},
		{"url = \"mqtt://broker\"\ntopic = \"x/#\"", "topic"},
		{"url = \"mqtt://broker\"\ndiscovery_prefix = \"+\"", "discovery_prefix"},
		{"url = \"mqtt://broker\"\ndevices = -1", "devices"},
	} {
		_, err := Open("test", func(into any) error {
			md, err := toml.Decode(x.text, into)
			for _, k := range md.Undecoded() {
				t.Errorf("%s: %s is not read", x.text, k)
			}
			return err
		})
		var invalid *output.Invalid
		if x.key == "" && err != nil || x.key != "" && (!errors.As(err, &invalid) || invalid.Key != x.key) {
			t.Errorf("%s: %v", x.text, err)
		}
	}
}

func TestIsMAC(t *testing.T) {
	for text, want := range map[string]bool{"02:11:22:33:44:55": true, "02-11-22-33-44-55": false, "0123456789abcdef0": false, "02:11:22:33:44:5g": false, "": false} {
		if isMAC(text) != want {
			t.Errorf("%q", text)
		}
	}
}
