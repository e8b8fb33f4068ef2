package mqtt

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config says where a broker is, how it is spoken to, and what goes where. The
// zero value of a member is its default.
type Config struct {
	URL     string `toml:"url"`     // mqtt://HOST[:1883] or mqtts://HOST[:8883]
	Version string `toml:"version"` // "3.1.1" or "5"; empty: 5

	Topic       string `toml:"topic"`        // template; empty: netifyd/v1/%a/%k
	StatusTopic string `toml:"status_topic"` // template; empty: Topic with the kind status, if Topic names the kind; "none": no status and no last will
	QoS         *int   `toml:"qos"`          // 0 or 1; nil: 1
	Retain      bool   `toml:"retain"`       // every message is retained, not only those that ask for it
	Message     string `toml:"message"`      // "line": a message each line, "batch": a message each batch; empty: line for objects, batch for rows with columns

	Username     string `toml:"username"`
	Password     string `toml:"password"`
	PasswordFile string `toml:"password_file"` // its first line; read at every connection, so that it may change
	ClientID     string `toml:"client_id"`     // template; empty: netifyctl, the agent and a number made from Topic

	CA         string `toml:"ca"`          // PEM file of authorities that may sign the broker's certificate; empty: the system's
	Cert       string `toml:"cert"`        // PEM file, ours
	Key        string `toml:"key"`         // PEM file of Cert
	ServerName string `toml:"server_name"` // what the broker's certificate must name; empty: HOST
	Insecure   bool   `toml:"insecure"`    // any certificate is believed

	KeepAlive int `toml:"keepalive"` // seconds without traffic before the broker is asked whether it lives; 0: 30
	InFlight  int `toml:"in_flight"` // messages that may wait for their acknowledgement at a time; 0: 200
	Timeout   int `toml:"timeout"`   // seconds for a connection, and for an acknowledgement; 0: 30

	// Listen is called with what the broker sends of a topic (template), from a
	// goroutine of its own.
	Listen map[string]func(payload []byte) `toml:"-"`
}

const (
	defaultTopic    = "netifyd/v1/%a/%k"
	defaultInFlight = 200
)

// Check tells what is wrong, with the name of the setting and what to write.
// It fills in nothing.
func (c *Config) Check() error {
	if _, err := c.address(); err != nil {
		return err
	}
	if c.Version != "" && c.Version != "5" && c.Version != "3.1.1" {
		return fmt.Errorf(`mqtt: version = %q: want "5" or "3.1.1"`, c.Version)
	}
	if q := c.qos(); q > 1 {
		return fmt.Errorf("mqtt: qos = %d: want 0 or 1", *c.QoS)
	}
	if c.Message != "" && c.Message != "line" && c.Message != "batch" {
		return fmt.Errorf(`mqtt: message = %q: want "line" or "batch"`, c.Message)
	}
	for name, t := range map[string]string{"topic": c.topic(), "status_topic": c.StatusTopic, "client_id": c.ClientID} {
		if err := checkTemplate(t); err != nil {
			return fmt.Errorf("mqtt: %s = %q: %w", name, t, err)
		}
	}
	if c.InFlight < 0 || c.InFlight > 60000 {
		return fmt.Errorf("mqtt: in_flight = %d: want 1 to 60000, or 0 for %d", c.InFlight, defaultInFlight)
	}
	if c.KeepAlive < 0 || c.KeepAlive > 65535 {
		return fmt.Errorf("mqtt: keepalive = %d: want seconds, 1 to 65535, or 0 for 30", c.KeepAlive)
	}
	if c.Timeout < 0 || c.Timeout > 3600 {
		return fmt.Errorf("mqtt: timeout = %d: want seconds, 1 to 3600, or 0 for 30", c.Timeout)
	}
	if c.Password != "" && c.PasswordFile != "" {
		return errors.New("mqtt: password and password_file: write one of them")
	}
	if (c.Password != "" || c.PasswordFile != "") && c.Username == "" {
		return errors.New("mqtt: a password without username: write username")
	}
	if (c.Cert == "") != (c.Key == "") {
		return errors.New("mqtt: cert and key: write both, or none")
	}
	if secure, _ := c.secure(); !secure && (c.CA != "" || c.Cert != "" || c.Insecure || c.ServerName != "") {
		return errors.New("mqtt: ca, cert, key, server_name and insecure want TLS: write url = \"mqtts://…\"")
	}
	if _, err := c.tls(); err != nil {
		return err
	}
	_, err := c.password()
	return err
}

// secure tells whether the URL asks for TLS, and whether its scheme is known.
func (c *Config) secure() (secure, known bool) {
	scheme, _, _ := strings.Cut(c.URL, "://")
	switch scheme {
	case "mqtts", "ssl", "tls":
		return true, true
	case "mqtt", "tcp":
		return false, true
	}
	return false, false
}

// address is HOST:PORT of the broker.
func (c *Config) address() (string, error) {
	u, err := url.Parse(c.URL)
	secure, known := c.secure()
	switch {
	case err != nil:
		return "", fmt.Errorf("mqtt: url: %w", err)
	case !known || u.Hostname() == "":
		return "", fmt.Errorf("mqtt: url = %q: want mqtt://HOST[:PORT] or, with TLS, mqtts://HOST[:PORT]", c.URL)
	case u.User != nil:
		return "", errors.New("mqtt: url has a user: write username, and password_file")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("mqtt: url = %q: nothing may stand behind the port; the topic has a setting of its own", c.URL)
	}
	port := u.Port()
	if port == "" {
		port = map[bool]string{false: "1883", true: "8883"}[secure]
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

// tls reads the certificates, anew at every connection: they are renewed
// while the program runs. It is nil without TLS.
func (c *Config) tls() (*tls.Config, error) {
	if secure, _ := c.secure(); !secure {
		return nil, nil
	}
	address, err := c.address()
	if err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(address)
	t := &tls.Config{ServerName: host, InsecureSkipVerify: c.Insecure, MinVersion: tls.VersionTLS12}
	if c.ServerName != "" {
		t.ServerName = c.ServerName
	}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, fmt.Errorf("mqtt: ca: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("mqtt: ca: %s has no certificate: want a PEM file", c.CA)
		}
	}
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, fmt.Errorf("mqtt: cert and key: %w", err)
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

func (c *Config) password() (string, error) {
	if c.PasswordFile == "" {
		return c.Password, nil
	}
	text, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("mqtt: password_file: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}

func (c *Config) qos() byte {
	switch {
	case c.QoS == nil:
		return 1
	case *c.QoS == 0 || *c.QoS == 1:
		return byte(*c.QoS)
	}
	return 255
}

func (c *Config) topic() string {
	if c.Topic == "" {
		return defaultTopic
	}
	return c.Topic
}

// statusTopic is the template of the status; empty: there is none.
func (c *Config) statusTopic() string {
	switch {
	case c.StatusTopic == "none", c.StatusTopic == "" && !namesKind(c.topic()):
		return ""
	case c.StatusTopic == "":
		return c.topic()
	}
	return c.StatusTopic
}

func (c *Config) timeout() time.Duration { return seconds(c.Timeout, 30) }

func (c *Config) keepAlive() time.Duration { return seconds(c.KeepAlive, 30) }

func seconds(n, instead int) time.Duration {
	if n == 0 {
		n = instead
	}
	return time.Duration(n) * time.Second
}

func (c *Config) inFlight() int {
	if c.InFlight == 0 {
		return defaultInFlight
	}
	return c.InFlight
}
