package metrics

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"context"

	"netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/query"
	"netifyd/core/query/client"
	"netifyd/core/query/control"
	"netifyd/core/query/querytest"
	"netifyd/core/usage"
)

// house counts what devices use.
type house struct {
	*querytest.Still
	table *usage.Table
}

func (h *house) Usage() *usage.Table { return h.table }

func newHouse(devices int) *house {
	return &house{querytest.House(), usage.New(device.New(device.Options{Devices: devices}), usage.Options{Cells: 256, Hosts: 16})}
}

// use lets a device use an application.
func (h *house) use(mac byte, app uint32, down uint64) {
	d := h.table.Devices
	d.Lock()
	defer d.Unlock()
	r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, App: app, MAC: [2][6]byte{{0, 0, 0, 0, 0, mac}}, Bytes: [2]uint64{7, down}}
	h.table.End(r, &usage.Where{Addresses: flow.NewAddresses(nil, nil)}, 1)
}

// asked is the agent without a socket.
type asked struct{ *query.Server }

func (a asked) Ask(_ context.Context, method string, arguments map[string]any, reply any) error {
	text, err := json.Marshal(arguments)
	if err == nil {
		text, err = a.Server.Ask(method, text, query.Caller{})
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, reply)
}

// scrape gives the values by series, and the text.
func scrape(t *testing.T, a Asker) (map[string]float64, string) {
	t.Helper()
	w := httptest.NewRecorder()
	Handler(a).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	values := map[string]float64{}
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		var v float64
		if _, err := fmt.Sscan(line[at:], &v); err != nil {
			t.Fatal(line, err)
		}
		values[line[:at]] = v
	}
	return values, w.Body.String()
}

func TestMetrics(t *testing.T) {
	h := newHouse(8)
	h.use(1, 133, 1000)
	h.use(2, 10119, 2000)
	h.use(2, 0, 30)
	d := h.table.Devices
	d.Lock()
	d.Rename(d.Find([6]byte{0, 0, 0, 0, 0, 1}), "tv \"\\ t\u0000wo\u200b\xff")
	d.Unlock()
	got, text := scrape(t, asked{query.New(h)})
	for series, want := range map[string]float64{
		`netifyd_up`: 1, `netifyd_flows`: 3, `netifyd_devices`: 2, `netifyd_build_info{version="1"}`: 1,
		`netifyd_device_bytes_total{device="00:00:00:00:00:01",direction="down",name="tv \"\\ two"}`: 1000,
		`netifyd_device_bytes_total{device="00:00:00:00:00:02",direction="up",name=""}`:              14,
		`netifyd_application_bytes_total{application="netflix",direction="down"}`:                    1000,
		`netifyd_application_bytes_total{application="youtube",direction="down"}`:                    2000,
		`netifyd_application_bytes_total{application="others",direction="up"}`:                       0,
	} {
		if v, ok := got[series]; !ok || v != want {
			t.Errorf("%s is %v, %v", series, v, ok)
		}
	}
	promtool(t, text)
	// Without usage there is less, and no error.
	if got, text := scrape(t, asked{query.New(querytest.House())}); got["netifyd_up"] != 1 || strings.Contains(text, "_bytes_total") {
		t.Error(text)
	}
}

// promtool checks names, types and the text, where Prometheus is here.
func promtool(t *testing.T, text string) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("promtool is not here")
		return
	}
	c := exec.Command(tool, "check", "metrics")
	c.Stdin = strings.NewReader(text)
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// However many devices and applications there are, there are as many series as
// the tables allow, and no counter ever falls.
func TestSeriesAreFewAndNeverFall(t *testing.T) {
	h := newHouse(16)
	server := asked{query.New(h)}
	before := map[string]float64{}
	for round := range 40 {
		for i := range 100 {
			h.use(byte(i*7+round), uint32(1+(i*i+round*31)%300), uint64(100+i*round))
		}
		now, _ := scrape(t, server)
		devices, applications := 0, 0
		for series, v := range now {
			if strings.HasPrefix(series, "netifyd_device_bytes_total") {
				devices++
			}
			if strings.HasPrefix(series, "netifyd_application_bytes_total") {
				applications++
			}
			if was, ok := before[series]; ok && v < was && strings.Contains(series, "_total") {
				t.Errorf("round %d: %s falls from %v to %v", round, series, was, v)
			}
		}
		if devices > 2*(16+8) || applications > 2*65 || applications < 2 {
			t.Errorf("round %d: %d series of devices, %d of applications", round, devices, applications)
		}
		before = now
	}
}

// answers are fixed ones.
type answers map[string]string

func (a answers) Ask(_ context.Context, method string, arguments map[string]any, reply any) error {
	if by, ok := arguments["by"]; ok {
		method += " " + by.(string)
	}
	text, ok := a[method]
	if !ok {
		return errors.New("no answer")
	}
	return json.Unmarshal([]byte(text), reply)
}

// Two rows that become the same series are one; a list that stops midway is left out whole.
func TestOddAnswers(t *testing.T) {
	a := answers{
		"status":        `{"usage":{"devices":2},"interfaces":{"columns":["name","role","state"],"rows":[["eth0","lan","online"],["eth0","lan","offline"],["et\u0007h1","wan","gone"]]}}`,
		"totals device": `{"columns":["device","name","down","up"],"rows":[["a","x",1,2],["a","x\u0000",3,4]],"total":2}`,
	}
	got, text := scrape(t, a)
	if got[`netifyd_device_bytes_total{device="a",direction="down",name="x"}`] != 4 || got[`netifyd_interface_up{interface="eth0",role="lan"}`] != 1 || got[`netifyd_interface_up{interface="eth1",role="wan"}`] != 0 {
		t.Error(text)
	}
	if strings.Contains(text, "application_bytes") {
		t.Error(text)
	}
	if got, _ := scrape(t, answers{}); got["netifyd_up"] != 0 || len(got) != 1 {
		t.Error("an agent that is away:", got)
	}
}

func TestOnce(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, "control.sock"))
	if err != nil {
		t.Fatal(err)
	}
	s := control.Serve(l, query.New(newHouse(4)), control.Options{Group: -1})
	t.Cleanup(s.Close)
	var out bytes.Buffer
	if err := once(filepath.Join(dir, "control.sock"), "", &out); err != nil || !strings.Contains(out.String(), "\nnetifyd_up 1\n") {
		t.Error(err, out.String())
	}
	file := filepath.Join(dir, "netifyd.prom")
	if err := once(filepath.Join(dir, "control.sock"), file, io.Discard); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != out.String() {
		t.Errorf("%v\n%s", err, text)
	}
	if err := once(filepath.Join(dir, "none.sock"), file, io.Discard); !errors.Is(err, client.ErrNotRunning) {
		t.Error(err)
	}
	if Run([]string{"more"}) != 2 || Run([]string{"--help"}) != 0 {
		t.Error("wrong exit codes")
	}
}
