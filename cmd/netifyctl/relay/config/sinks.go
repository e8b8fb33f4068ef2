package config

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// sinkFile is what the JSON files of sinks have that is followed here.
type sinkFile struct {
	sinkChannel
	Verify   *bool                  `json:"tls_verify"`
	Channels map[string]sinkChannel `json:"channels"`

	// Of MQTT.
	Host   string `json:"host"`
	Port   int    `json:"port"`
	User   string `json:"user"`
	Pass   string `json:"pass"`
	Topic  string `json:"topic"`
	QoS    *int   `json:"message_qos"`
	Retain bool   `json:"message_retain"`

	// Of sockets.
	DefaultPort int `json:"default_port"`
}

// sinkChannel is what a channel has; some of it may stand above the channels.
type sinkChannel struct {
	Enable    *bool             `json:"enable"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Connect   int               `json:"timeout_connect"`
	Transfer  int               `json:"timeout_transfer"`
	Overwrite *bool             `json:"overwrite"`
	LogPath   string            `json:"log_path"`
	LogName   string            `json:"log_name"`
	Bind      string            `json:"bind_address"`
}

// open makes an output of a channel.
func (p *plugins) open(o *pluginOutput) {
	if !slices.Contains([]string{"sink-http", "sink-log", "sink-socket", "sink-mqtt"}, o.sink.kind) {
		p.warn(o.sink.where, "[%s]: %s is not known here, and tells nobody", o.sink.name, o.sink.kind)
		return
	}
	var f sinkFile
	if !p.decode(o.sink, &f) {
		return
	}
	ch, named := f.Channels[o.channel]
	if named && ch.Enable != nil && !*ch.Enable {
		return
	}
	if !named && o.sink.kind != "sink-mqtt" {
		p.warn(o.sink.conf, "channels: there is no %s, which a processor fills", o.channel)
		return
	}
	var settings map[string]any
	switch o.sink.kind {
	case "sink-http":
		o.common.Type, settings = "http", httpSettings(&f, &ch, o.reply.Compressor)
	case "sink-log":
		o.common.Type, settings = "log", logSettings(&f, &ch, o.channel)
	case "sink-socket":
		o.common.Type, settings = "socket", map[string]any{"address": bindAddress(ch.Bind, f.DefaultPort)}
	case "sink-mqtt":
		o.common.Type, settings = "mqtt", mqttSettings(&f, o.channel)
	}
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(settings); err != nil {
		p.errs = append(p.errs, fmt.Errorf("%s: %w", o.sink.conf, err))
		return
	}
	out, err := Make(o.common, p.c.Aggregators, p.types, func(into any) error { return toml.Unmarshal(text.Bytes(), into) })
	if err != nil {
		p.errs = append(p.errs, fmt.Errorf("%s: channels: %s: %w", o.sink.conf, o.channel, err))
		return
	}
	p.c.Outputs = append(p.c.Outputs, *out)
}

// one gives the first of two that is said.
func one[T comparable](a, b T) T {
	var none T
	if a != none {
		return a
	}
	return b
}

// httpSettings: one payload a request, as receivers of netifyd 5 want it.
func httpSettings(f *sinkFile, c *sinkChannel, compressor string) map[string]any {
	s := map[string]any{"url": c.URL, "format": "event", "compress": map[string]string{"gz": "gzip"}[compressor]}
	if s["compress"] == "" {
		s["compress"] = "none"
	}
	if len(c.Headers) > 0 {
		s["headers"] = c.Headers
	}
	if n := one(c.Connect, f.Connect); n > 0 {
		s["timeout_connect"] = n
	}
	if n := one(c.Transfer, f.Transfer); n > 0 {
		s["timeout"] = n
	}
	if f.Verify != nil && strings.HasPrefix(c.URL, "https:") {
		s["tls_verify"] = *f.Verify
	}
	return s
}

func logSettings(f *sinkFile, c *sinkChannel, channel string) map[string]any {
	overwrite := one(c.Overwrite, f.Overwrite)
	return map[string]any{
		"path":      filepath.Join(one(one(c.LogPath, f.LogPath), "/tmp"), one(c.LogName, channel)+".json"),
		"overwrite": overwrite != nil && *overwrite,
	}
}

// bindAddress adds the port that an address lacks; TCTL expects 1780.
func bindAddress(bind string, port int) string {
	if rest, ok := strings.CutPrefix(bind, "tcp://"); ok && !strings.Contains(strings.TrimSuffix(rest[strings.LastIndex(rest, "]")+1:], "/"), ":") {
		return fmt.Sprintf("%s:%d", strings.TrimSuffix(bind, "/"), one(port, 1780))
	}
	return bind
}

func mqttSettings(f *sinkFile, channel string) map[string]any {
	topic := strings.NewReplacer("${channel}", channel, "${uuid_agent}", "%a", "${uuid_site}", "", "${uuid_serial}", "").Replace(f.Topic)
	s := map[string]any{"url": fmt.Sprintf("mqtt://%s:%d", f.Host, one(f.Port, 1883)), "topic": topic, "status_topic": "none", "version": "3.1.1", "qos": 1, "retain": f.Retain}
	if f.QoS != nil {
		s["qos"] = min(*f.QoS, 1)
	}
	if f.User != "" {
		s["username"], s["password"] = f.User, f.Pass
	}
	return s
}
