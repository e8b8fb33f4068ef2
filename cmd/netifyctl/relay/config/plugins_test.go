package config

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// noted is an output that keeps its settings.
type noted struct{ settings map[string]any }

func (noted) Send(context.Context, *output.Batch) error { return nil }
func (noted) Close() error                              { return nil }

func note(_ string, decode func(any) error) (output.Output, error) {
	n := noted{}
	return n, decode(&n.settings)
}

var all = map[string]output.Open{"http": note, "log": note, "mqtt": note, "socket": note}

// write makes files, and gives their directory; DIR in them stands for it.
func write(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// firewall is how a distribution sets netifyd 5 up: two receivers of its own, and
// a file that is replaced.
var firewall = map[string]string{
	"plugins.d/10-flows.conf": `# live flows
[proc-ns-flows]
enable = yes
plugin_library = ${path_plugin_libdir}/libnetify-proc-core.so.0.0.0
conf_filename = DIR/flows-proc.json

[sink-ns-flows]
enable = yes
plugin_library = /usr/lib/libnetify-sink-http.so
conf_filename = DIR/flows-sink.json
`,
	"plugins.d/10-stats.conf": `[proc-ns-stats]
enable = yes
plugin_library = ${path_plugin_libdir}/libnetify-proc-aggregator.so.0.0.0
conf_filename = "DIR/stats-proc.json"
[sink-ns-stats]
enable = yes
plugin_library = ${path_plugin_libdir}/libnetify-sink-http.so.0.0.0
conf_filename = DIR/stats-sink.json
`,
	"plugins.d/20-rest.conf": `[proc-aggregator]
enable = yes
plugin_library = ${path_plugin_libdir}/libnetify-proc-aggregator.so.0.0.0
conf_filename = DIR/aggregator.json
[sink-log]
enable = yes
plugin_library = ${path_plugin_libdir}/libnetify-sink-log.so.0.0.0
conf_filename = DIR/log.json
[proc-core]
enable = no
plugin_library = ${path_plugin_libdir}/libnetify-proc-core.so.0.0.0
conf_filename = DIR/no-such-file
[proc-nfa]
enable = yes
plugin_library = ${path_plugin_libdir}/libnetify-proc-flow-actions.so.0.0.0
conf_filename = DIR/log.json
[sink-socket]
enable = yes
plugin_library = ${path_plugin_libdir}/libnetify-sink-socket.so.0.0.0
conf_filename = DIR/socket.json
[sink-mqtt]
enable = yes
plugin_library = ${path_plugin_libdir}/libnetify-sink-mqtt.so.0.0.0
conf_filename = DIR/mqtt.json
[sink-sqlite]
enable = yes
plugin_library = ${path_plugin_libdir}/libnetify-sink-sqlite.so.0.0.0
`,
	"flows-proc.json": `{"format": "json", "compressor": "none", "sinks": {"sink-ns-flows": {"default": {"types": ["stream-flows", "stream-stats"]}}}}`,
	"flows-sink.json": `{"timeout_connect": 5, "tls_verify": false, "channels": {"default": {"enable": true, "url": "http://127.0.0.1:8080/flows", "timeout_transfer": 60}}}`,
	"stats-proc.json": `{"aggregator": 3, "log_interval": 10, "batched_rows": 100, "nested_mode": false, "criteria": ["ai:netify.x;", "other_port == 443;"], "sinks": {"sink-ns-stats": {"stats": {}}}}`,
	"stats-sink.json": `{"channels": {"stats": {"url": "http://127.0.0.1:8081/stats", "headers": {"X-UUID": "${uuid_agent}"}}}}`,
	"aggregator.json": `{"aggregator": 1, "log_interval": 10, "nested_mode": true, "sinks": {"sink-log": {"stats": {"enable": true}, "gone": {"enable": false}}, "sink-socket": {"s": {}}, "sink-mqtt": {"m": {"compressor": "gz"}}, "sink-sqlite": {"x": {}}, "sink-none": {"x": {}}}}`,
	"log.json":        `{"overwrite": true, "channels": {"stats": {"log_path": "/var/run/netifyd", "log_name": "aggregator-stats"}}}`,
	"socket.json":     `{"channels": {"s": {"bind_address": "tcp://127.0.0.1"}}}`,
	"mqtt.json":       `{"host": "broker", "user": "u", "pass": "p", "topic": "netify/${uuid_agent}/${channel}", "message_qos": 2, "message_retain": true}`,
}

func TestPlugins(t *testing.T) {
	dir := write(t, firewall)
	c, err := LoadPlugins(filepath.Join(dir, "plugins.d"), all)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, o := range c.Outputs {
		settings, _ := json.Marshal(o.Out.(noted).settings)
		got[o.Name] = fmt.Sprint(o.Type, " ", o.Kinds, " ", o.Events, " ", string(settings))
	}
	for name, want := range map[string]string{
		"sink-ns-flows.default": `http [events] [flow flow_dpi_update flow_dpi_complete flow_purge flow_stats interfaces endpoints interface_stats global_stats agent_status] {"compress":"none","format":"event","timeout":60,"timeout_connect":5,"url":"http://127.0.0.1:8080/flows"}`,
		"sink-ns-stats.stats":   `http [proc-ns-stats] [] {"compress":"none","format":"event","headers":{"X-UUID":"${uuid_agent}"},"url":"http://127.0.0.1:8081/stats"}`,
		"sink-log.stats":        `log [proc-aggregator] [] {"overwrite":true,"path":"/var/run/netifyd/aggregator-stats.json"}`,
		"sink-socket.s":         `socket [proc-aggregator] [] {"address":"tcp://127.0.0.1:1780"}`,
		"sink-mqtt.m":           `mqtt [proc-aggregator] [] {"password":"p","qos":1,"retain":true,"status_topic":"none","topic":"netify/%a/m","url":"mqtt://broker:1883","username":"u","version":"3.1.1"}`,
	} {
		if got[name] != want {
			t.Errorf("%s\nis   %s\nwant %s", name, got[name], want)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("too many: %v", got)
	}
	i := slices.IndexFunc(c.Aggregators, func(a Aggregator) bool { return a.Name == "proc-ns-stats" })
	want := Aggregator{Name: "proc-ns-stats", Type: 3, Interval: output.Duration(10 * time.Second), Rows: 100, Criteria: []string{"ai:netify.x;", "other_port == 443;"}}
	if fmt.Sprint(c.Aggregators[i]) != fmt.Sprint(want) || !c.Aggregators[1-i].Nested || c.Aggregators[1-i].Type != 1 {
		t.Errorf("%+v", c.Aggregators)
	}
	warnings := strings.Join(c.Warnings, "\n")
	if !strings.Contains(warnings, "sink-sqlite is not known here") && !strings.Contains(warnings, "[sink-sqlite]") || !strings.Contains(warnings, "sink-none is in no file") {
		t.Errorf("%s", warnings)
	}
}

func TestPluginErrors(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"flows-proc.json", "{\n\"sinks\": [\n", "flows-proc.json:3: unexpected end"},
		{"flows-proc.json", "{\n\"sinks\": 5}", "flows-proc.json:2: "},
		{"stats-proc.json", `{"aggregator": 2}`, "stats-proc.json: aggregator: type: 2: want 1"},
		{"plugins.d/10-flows.conf", "[proc-x]\nwhat\n", "10-flows.conf:2: want key = value"},
		{"plugins.d/10-flows.conf", "[proc-x]\nconf_filename = /no/such/file\n", "10-flows.conf:1: open /no/such/file"},
	} {
		files := map[string]string{}
		for name, text := range firewall {
			files[name] = text
		}
		files[c.file] = c.text
		_, err := LoadPlugins(filepath.Join(write(t, files), "plugins.d"), all)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.text, err, c.want)
		}
	}
	if _, err := LoadPlugins(t.TempDir(), all); err == nil {
		t.Error("an empty directory")
	}
}
