// Package syslog tells rows to a syslog daemon, each as a message (RFC 5424):
// over a unix socket, UDP (RFC 5426), TCP with octet counting (RFC 6587, 3.4.1)
// or TLS (RFC 5425).
package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// Settings of [[relay.output]] with type = "syslog".
type Settings struct {
	Address  string          `toml:"address"`
	Facility string          `toml:"facility"`
	Severity string          `toml:"severity"`
	App      string          `toml:"app"`
	Hostname string          `toml:"hostname"`
	Timeout  output.Duration `toml:"timeout"`
	output.TLS
}

var (
	facilities = []string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
		"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}
	severities = []string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}
)

// largest is what a message may have over datagrams.
const largest = 65000

type sender struct {
	s          Settings
	network    string
	place      string
	priority   int
	config     *tls.Config
	conn       net.Conn
	datagrams  bool
	counted    bool // messages have their length before them
	text       []byte
	kind       string
	epoch, seq uint64
	at         int              // rows of that batch that are settled
	large      int              // of them, those that were too long
	stamp      func() time.Time // of messages
}

// Open makes the output.
func Open(_ string, decode func(any) error) (output.Output, error) {
	s := Settings{Address: "unix:///dev/log", Facility: "daemon", Severity: "info", App: "netifyd"}
	if err := decode(&s); err != nil {
		return nil, err
	}
	w := &sender{s: s, stamp: time.Now}
	u, err := url.Parse(s.Address)
	ports := map[string]string{"udp": "514", "tcp": "601", "tls": "6514"}
	switch {
	case err == nil && u.Scheme == "unix" && u.Path != "":
		w.network, w.place = "unix", u.Path
	case err == nil && ports[u.Scheme] != "" && u.Hostname() != "":
		port := u.Port()
		if port == "" {
			port = ports[u.Scheme]
		}
		w.network, w.place = u.Scheme, net.JoinHostPort(u.Hostname(), port)
	default:
		return nil, &output.Invalid{Key: "address", Why: fmt.Sprintf("%q: want unix:///dev/log, udp://HOST, tcp://HOST or tls://HOST", s.Address)}
	}
	facility, severity := slices.Index(facilities, s.Facility), slices.Index(severities, s.Severity)
	if facility < 0 {
		return nil, &output.Invalid{Key: "facility", Why: fmt.Sprintf("%q: want one of %s", s.Facility, strings.Join(facilities, ", "))}
	}
	if severity < 0 {
		return nil, &output.Invalid{Key: "severity", Why: fmt.Sprintf("%q: want one of %s", s.Severity, strings.Join(severities, ", "))}
	}
	w.priority = facility<<3 | severity
	if w.config, err = s.TLS.Config(); err != nil {
		return nil, err
	}
	if w.s.Hostname == "" {
		w.s.Hostname, _ = os.Hostname()
	}
	w.s.Hostname, w.s.App = token(w.s.Hostname, 255), token(w.s.App, 48)
	return w, nil
}

// token makes a text what RFC 5424 takes in a header: printable, without blanks.
func token(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
	if text == "" {
		return "-"
	}
	return text[:min(len(text), most)]
}

// Objects says that rows are read by people.
func (w *sender) Objects() bool { return true }

// Send writes each row. That the daemon has them is not known: syslog has no
// answers. A batch that failed in its middle goes on there.
func (w *sender) Send(ctx context.Context, b *output.Batch) error {
	if err := w.connect(ctx); err != nil {
		return err
	}
	if w.kind != b.Kind || w.epoch != b.Epoch || w.seq != b.Seq || w.at >= len(b.Lines) {
		w.kind, w.epoch, w.seq, w.at, w.large = b.Kind, b.Epoch, b.Seq, 0, 0
	}
	conn := w.conn
	_ = conn.SetWriteDeadline(time.Now().Add(w.s.Timeout.Or(30 * time.Second)))
	defer context.AfterFunc(ctx, func() { _ = conn.SetWriteDeadline(time.Unix(1, 0)) })() // a daemon that does not read holds no end up
	for ; w.at < len(b.Lines); w.at++ {
		message := w.message(b.Kind, b.Lines[w.at])
		if w.datagrams && len(message) > largest {
			w.large++
			continue
		}
		if _, err := w.conn.Write(message); err != nil {
			w.Close()
			return err
		}
	}
	if w.large > 0 {
		return &output.Refused{Words: "longer than a datagram", Rows: w.large}
	}
	return nil
}

// message is a row with its header, valid until the next call.
func (w *sender) message(kind string, line []byte) []byte {
	b := append(w.text[:0], '<')
	b = strconv.AppendInt(b, int64(w.priority), 10)
	b = append(b, ">1 "...)
	b = w.stamp().UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	for _, field := range [...]string{w.s.Hostname, w.s.App, strconv.Itoa(os.Getpid()), token(kind, 32), "-"} {
		b = append(append(b, ' '), field...)
	}
	b = append(append(b, ' '), line...)
	if !w.datagrams && !w.counted {
		b = append(b, '\n') // RFC 6587, 3.4.2: daemons expect no more of a socket here
	}
	if w.counted {
		head := strconv.AppendInt(nil, int64(len(b)), 10)
		b = slices.Insert(b, 0, append(head, ' ')...)
	}
	w.text = b
	return b
}

func (w *sender) connect(ctx context.Context) (err error) {
	if w.conn != nil {
		if w.alive() {
			return nil
		}
		w.Close()
	}
	d := &net.Dialer{Timeout: w.s.Timeout.Or(30 * time.Second)}
	w.datagrams, w.counted = w.network == "udp", w.network == "tcp" || w.network == "tls"
	switch w.network {
	case "unix":
		w.datagrams = true
		if w.conn, err = d.DialContext(ctx, "unixgram", w.place); err != nil {
			w.datagrams = false
			w.conn, err = d.DialContext(ctx, "unix", w.place)
		}
	case "tls":
		w.conn, err = (&tls.Dialer{NetDialer: d, Config: w.config}).DialContext(ctx, "tcp", w.place)
		var verify *tls.CertificateVerificationError
		if errors.As(err, &verify) {
			err = &output.Unauthorized{Err: err}
		}
	default:
		w.conn, err = d.DialContext(ctx, w.network, w.place)
	}
	if err != nil {
		w.conn = nil
	}
	return err
}

// alive looks whether a daemon over a stream has gone: what is written to it then
// would be lost without a word.
func (w *sender) alive() bool {
	if w.datagrams {
		return true
	}
	_ = w.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	var b [1]byte
	_, err := w.conn.Read(b[:])
	var timeout net.Error
	return err == nil || errors.As(err, &timeout) && timeout.Timeout()
}

func (w *sender) Close() error {
	if w.conn == nil {
		return nil
	}
	err := w.conn.Close()
	w.conn = nil
	return err
}
