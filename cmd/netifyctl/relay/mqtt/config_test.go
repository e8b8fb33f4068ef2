package mqtt

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	three := 3
	const url = "mqtt://broker"
	missing := filepath.Join(t.TempDir(), "missing")
	for _, x := range []struct {
		c    Config
		want string // in the error; empty: none
	}{
		{Config{URL: url}, ""},
		{Config{URL: "mqtts://[2001:db8::1]:9000", Version: "3.1.1", Topic: "a/%a/%k/%s/100%%", QoS: new(int), Message: "batch"}, ""},
		{Config{}, "want mqtt://HOST"},
		{Config{URL: "broker:1883"}, "want mqtt://HOST"},
		{Config{URL: "http://broker"}, "want mqtt://HOST"},
		{Config{URL: "mqtt://:1883"}, "want mqtt://HOST"},
		{Config{URL: "mqtt://me:secret@broker"}, "username"},
		{Config{URL: "mqtt://broker/topic"}, "topic"},
		{Config{URL: url, Version: "4"}, "version"},
		{Config{URL: url, QoS: &three}, "qos = 3"},
		{Config{URL: url, Message: "lines"}, "message"},
		{Config{URL: url, Topic: "a/#"}, "topic"},
		{Config{URL: url, Topic: "a/%x"}, "%x is not known"},
		{Config{URL: url, Topic: "a/${uuid}"}, "${uuid} is not known"},
		{Config{URL: url, StatusTopic: "a/+"}, "status_topic"},
		{Config{URL: url, InFlight: -1}, "in_flight"},
		{Config{URL: url, KeepAlive: 70000}, "keepalive"},
		{Config{URL: url, Timeout: -1}, "timeout"},
		{Config{URL: url, Username: "u", Password: "p", PasswordFile: "f"}, "one of them"},
		{Config{URL: url, Password: "p"}, "without username"},
		{Config{URL: url, Username: "u", PasswordFile: missing}, "password_file"},
		{Config{URL: url, CA: "ca.pem"}, "mqtts://"},
		{Config{URL: "mqtts://broker", Cert: "c.pem"}, "cert and key"},
		{Config{URL: "mqtts://broker", CA: missing}, "ca:"},
		{Config{URL: "mqtts://broker", Cert: missing, Key: missing}, "cert and key"},
	} {
		err := x.c.Check()
		if x.want == "" && err != nil || x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want)) {
			t.Errorf("%+v: %v, want %q", x.c, err, x.want)
		}
	}
}

func TestExpand(t *testing.T) {
	for template, want := range map[string]string{
		"netifyd/v1/%a/%k":                "netifyd/v1/A/K",
		"netify/${uuid_agent}/${channel}": "netify/A/K",
		"${uuid_site}/%s/%%a":             "S/S/%a",
		"plain":                           "plain",
	} {
		if got := expand(template, "A", "K", "S"); got != want {
			t.Errorf("%s: %s", template, got)
		}
	}
}

// A template without the kind leaves no topic for the status.
func TestStatusTopic(t *testing.T) {
	for _, x := range []struct{ topic, status, want string }{
		{"", "", "netifyd/v1/%a/%k"},
		{"all", "", ""},
		{"all", "here/%a", "here/%a"},
		{"x/%k", "none", ""},
	} {
		if got := (&Config{Topic: x.topic, StatusTopic: x.status}).statusTopic(); got != x.want {
			t.Errorf("%+v: %q", x, got)
		}
	}
}
