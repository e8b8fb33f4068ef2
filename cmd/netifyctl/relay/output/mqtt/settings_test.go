package mqtt

import (
	"errors"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"netifyd/cmd/netifyctl/relay/output"
)

func TestOpen(t *testing.T) {
	const url = `url = "mqtt://broker"` + "\n"
	const secure = `url = "mqtts://broker"` + "\n"
	for _, x := range []struct{ text, key, words string }{
		{url, "", ""},
		{`url = "mqtts://[2001:db8::1]:9000"
		  version = "3.1.1"
		  topic = "a/%a/${channel}/%s/100%%"
		  qos = 0
		  message = "batch"
		  keepalive = "1m"
		  tls_verify = false`, "", ""},
		{"", "url", "want mqtt://HOST"},
		{`url = "broker:1883"`, "url", "want mqtt://HOST"},
		{`url = "http://broker"`, "url", "want mqtt://HOST"},
		{`url = "mqtt://:1883"`, "url", "want mqtt://HOST"},
		{`url = "mqtt://me:secret@broker"`, "url", "username"},
		{`url = "mqtt://broker/topic"`, "url", "topic"},
		{url + `version = "4"`, "version", "3.1.1"},
		{url + `qos = 3`, "qos", "0 or 1"},
		{url + `message = "lines"`, "message", "line"},
		{url + `topic = "a/#"`, "topic", "#"},
		{url + `topic = "a/%x"`, "topic", "%a (agent)"},
		{url + `topic = "a%"`, "topic", "%a (agent)"},
		{url + `topic = "a/${uuid}"`, "topic", "${uuid}"},
		{url + `status_topic = "a/+"`, "status_topic", "+"},
		{url + `client_id = "a%b"`, "client_id", "%a"},
		{url + `in_flight = -1`, "in_flight", "60000"},
		{url + `keepalive = "20h"`, "keepalive", "65535s"},
		{url + `timeout = "1ms"`, "timeout", "a second"},
		{url + "username = \"u\"\npassword = \"p\"\npassword_file = \"f\"", "password_file", "not both"},
		{url + `password = "p"`, "username", "want one"},
		{url + "username = \"u\"\npassword_file = \"/nowhere\"", "password_file", "/nowhere"},
		{url + `ca = "ca.pem"`, "url", "mqtts://"},
		{secure + `cert = "c.pem"`, "cert", "both"},
		{secure + `ca = "/nowhere"`, "ca", "/nowhere"},
		{secure + "cert = \"/nowhere\"\nkey = \"/nowhere\"", "cert", "/nowhere"},
	} {
		_, err := Open("test", func(into any) error {
			md, err := toml.Decode(x.text, into)
			for _, k := range md.Undecoded() {
				t.Errorf("%s: %s is not read", x.text, k)
			}
			return err
		})
		var invalid *output.Invalid
		if x.key == "" && err != nil || x.key != "" && (!errors.As(err, &invalid) || invalid.Key != x.key || !strings.Contains(err.Error(), x.words)) {
			t.Errorf("%s\n%v, want %s and %q", x.text, err, x.key, x.words)
		}
	}
}

func TestExpand(t *testing.T) {
	b := &output.Batch{Agent: "A", Kind: "K", Site: "S"}
	for template, want := range map[string]string{
		"netifyd/v1/%a/%k":                "netifyd/v1/A/K",
		"netify/${uuid_agent}/${channel}": "netify/A/K",
		"${uuid_site}/%s/%%a":             "S/S/%a",
		"plain":                           "plain",
	} {
		if got := Expand(template, b); got != want {
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
		if got := (&Settings{Topic: x.topic, StatusTopic: x.status}).statusTopic(); got != x.want {
			t.Errorf("%+v: %q", x, got)
		}
	}
}
