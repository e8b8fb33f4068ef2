package mqtt

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// Settings of [[relay.output]] with type = "mqtt": where the broker is, how it
// is spoken to, and what goes where. The zero value of a member is its default.
type Settings struct {
	Broker
	Topic       string `toml:"topic"`        // template; empty: netifyd/v1/%a/%k
	StatusTopic string `toml:"status_topic"` // template; empty: Topic with the kind status, if Topic names the kind; "none": no status and no last will
	PolicyTopic string `toml:"policy_topic"` // template; empty: netifyd/v1/%a/policy
	Retain      bool   `toml:"retain"`       // every message is retained, not only those that ask for it
	Message     string `toml:"message"`      // line: a message each line, batch: a message each batch; empty: line for objects, batch for rows with columns
}

// Broker is where messages go, and how.
type Broker struct {
	URL          string          `toml:"url"`     // mqtt://HOST[:1883] or mqtts://HOST[:8883]
	Version      string          `toml:"version"` // 3.1.1 or 5; empty: 5
	QoS          *int            `toml:"qos"`     // 0 or 1; nil: 1
	Username     string          `toml:"username"`
	Password     string          `toml:"password"`
	PasswordFile string          `toml:"password_file"` // read at every connection, so that it may change
	ClientID     string          `toml:"client_id"`     // template; empty: netifyctl, the agent and a number made from the topic
	ServerName   string          `toml:"server_name"`   // what the broker's certificate must name; empty: HOST
	KeepAlive    output.Duration `toml:"keepalive"`     // without traffic, before the broker is asked whether it lives; 0: 30 s
	InFlight     int             `toml:"in_flight"`     // messages that may wait for their acknowledgement at a time; 0: 200
	Timeout      output.Duration `toml:"timeout"`       // for a connection, and for an acknowledgement; 0: 30 s
	output.TLS

	// Listen is called with what the broker sends of a topic (template), from a
	// goroutine of its own.
	Listen map[string]func(payload []byte) `toml:"-"`
}

const (
	defaultTopic    = "netifyd/v1/%a/%k"
	defaultInFlight = 200
)

func invalid(key, why string, values ...any) error {
	return &output.Invalid{Key: key, Why: fmt.Sprintf(why, values...)}
}

func (s *Settings) policyTopic() string {
	if s.PolicyTopic == "" {
		return "netifyd/v1/%a/policy"
	}
	return s.PolicyTopic
}

// Check tells what is wrong, with the name of the setting and what to write.
func (s *Settings) Check() error {
	if err := s.Broker.Check(); err != nil {
		return err
	}
	if s.Message != "" && s.Message != "line" && s.Message != "batch" {
		return invalid("message", `%q: want "line" (a message each line) or "batch"`, s.Message)
	}
	if err := CheckTemplate(s.topic()); err != nil {
		return invalid("topic", "%q: %v", s.Topic, err)
	}
	if err := CheckTemplate(s.policyTopic()); err != nil {
		return invalid("policy_topic", "%q: %v", s.PolicyTopic, err)
	}
	if err := CheckTemplate(s.StatusTopic); err != nil {
		return invalid("status_topic", "%q: %v", s.StatusTopic, err)
	}
	return nil
}

// Check tells what is wrong.
func (b *Broker) Check() error {
	if _, err := b.address(); err != nil {
		return err
	}
	if b.Version != "" && b.Version != "5" && b.Version != "3.1.1" {
		return invalid("version", `%q: want "5" or "3.1.1"`, b.Version)
	}
	if b.qos() > 1 {
		return invalid("qos", "%d: want 0 or 1", *b.QoS)
	}
	if err := CheckTemplate(b.ClientID); err != nil {
		return invalid("client_id", "%q: %v", b.ClientID, err)
	}
	if b.InFlight < 0 || b.InFlight > mostInFlight {
		return invalid("in_flight", "%d: want 1 to 60000, or 0 for %d", b.InFlight, defaultInFlight)
	}
	if t := b.keepAlive(); t < time.Second || t > 65535*time.Second {
		return invalid("keepalive", "%v: want 1s to 65535s", t)
	}
	if b.timeout() < time.Second {
		return invalid("timeout", "%v: want a second or more", b.timeout())
	}
	if (b.Password != "" || b.PasswordFile != "") && b.Username == "" {
		return invalid("username", "want one beside the password")
	}
	if secure, _ := b.secure(); !secure && (b.CA != "" || b.Cert != "" || b.Key != "" || b.Verify != nil || b.ServerName != "") {
		return invalid("url", "%q: ca, cert, key, tls_verify and server_name are for TLS: want mqtts://", b.URL)
	}
	if _, err := b.tls(); err != nil {
		return err
	}
	_, err := b.password()
	return err
}

// secure tells whether the URL asks for TLS, and whether its scheme is known.
func (b *Broker) secure() (secure, known bool) {
	scheme, _, _ := strings.Cut(b.URL, "://")
	switch scheme {
	case "mqtts", "ssl", "tls":
		return true, true
	case "mqtt", "tcp":
		return false, true
	}
	return false, false
}

// address is HOST:PORT of the broker.
func (b *Broker) address() (string, error) {
	u, err := url.Parse(b.URL)
	secure, known := b.secure()
	switch {
	case err != nil:
		return "", invalid("url", "%v", err)
	case !known || u.Hostname() == "":
		return "", invalid("url", "%q: want mqtt://HOST[:PORT] or, with TLS, mqtts://HOST[:PORT]", b.URL)
	case u.User != nil:
		return "", invalid("url", "it holds a user: want username, and password_file")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return "", invalid("url", "%q: want nothing behind the port; the topic has a key of its own", b.URL)
	}
	port := u.Port()
	if port == "" {
		port = map[bool]string{false: "1883", true: "8883"}[secure]
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

// tls reads the certificates, anew at every connection: they are renewed
// while the program runs. It is nil without TLS.
func (b *Broker) tls() (*tls.Config, error) {
	if secure, _ := b.secure(); !secure {
		return nil, nil
	}
	address, err := b.address()
	if err != nil {
		return nil, err
	}
	t, err := b.TLS.Config()
	if err != nil {
		return nil, err
	}
	t.ServerName, _, _ = net.SplitHostPort(address)
	if b.ServerName != "" {
		t.ServerName = b.ServerName
	}
	return t, nil
}

func (b *Broker) password() (string, error) {
	return output.Secret("password", b.Password, b.PasswordFile)
}

func (b *Broker) qos() byte {
	switch {
	case b.QoS == nil:
		return 1
	case *b.QoS == 0 || *b.QoS == 1:
		return byte(*b.QoS)
	}
	return 255
}

func (b *Broker) timeout() time.Duration { return b.Timeout.Or(30 * time.Second) }

func (b *Broker) keepAlive() time.Duration { return b.KeepAlive.Or(30 * time.Second) }

func (b *Broker) inFlight() int {
	if b.InFlight == 0 {
		return defaultInFlight
	}
	return b.InFlight
}

func (s *Settings) topic() string {
	if s.Topic == "" {
		return defaultTopic
	}
	return s.Topic
}

// statusTopic is the template of the status; empty: there is none.
func (s *Settings) statusTopic() string {
	switch {
	case s.StatusTopic == "none", s.StatusTopic == "" && !namesKind(s.topic()):
		return ""
	case s.StatusTopic == "":
		return s.topic()
	}
	return s.StatusTopic
}
