package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"sort"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"netifyd/core/config"
	"netifyd/core/glyph"
)

// setLevel sets the least severe message of every log, also of those that exist.
func setLevel(cfg *config.Config) {
	level, err := zerolog.ParseLevel(cfg.LogLevel)
	if err != nil {
		level = zerolog.InfoLevel
	}
	zerolog.SetGlobalLevel(level)
}

func newLog(cfg *config.Config) zerolog.Logger {
	setLevel(cfg)
	if cfg.LogFormat == "json" {
		return zerolog.New(os.Stderr).With().Timestamp().Logger()
	}
	w := textWriter{mild: os.Stderr, severe: os.Stderr, form: forPeople}
	switch {
	case cfg.LogOutput == "split":
		w.mild, w.form, w.notice = os.Stdout, named, syslogNotice
	case journal():
		w.form = prefixed
	}
	return zerolog.New(w)
}

// form of a line: who reads it knows more or less.
type form byte

const (
	forPeople form = iota // "netifyd: error: …"
	named                 // the reader adds the program's name and tells the level by the stream
	prefixed              // the reader adds the name and takes the level from "<3>" (sd-daemon(3))
)

// textWriter turns zerolog's JSON into lines for people and for syslog:
// "netifyd: capture started interface=br-lan". Log lines are rare, so what
// this costs does not matter.
type textWriter struct {
	mild   io.Writer // debug and info
	severe io.Writer // warn and above
	form   form
	notice func(text string) error // takes alerts where streams have no level for them; nil: they do
}

func (t textWriter) Write(p []byte) (int, error) { return t.WriteLevel(zerolog.NoLevel, p) }

// WriteLevel implements zerolog.LevelWriter.
func (t textWriter) WriteLevel(level zerolog.Level, p []byte) (int, error) {
	w := t.mild
	if level >= zerolog.WarnLevel && level <= zerolog.PanicLevel {
		w = t.severe
	}
	var m map[string]any
	if err := json.Unmarshal(p, &m); err != nil {
		return w.Write(p)
	}
	var b strings.Builder
	switch t.form {
	case prefixed:
		if _, alert := m["alert"]; alert {
			level = noticeLevel
		}
		fmt.Fprintf(&b, "<%d>", priority(level))
	case forPeople:
		b.WriteString("netifyd: ")
		if l, _ := m["level"].(string); l != "info" && l != "" {
			b.WriteString(l + ": ")
		}
	}
	fmt.Fprint(&b, m["message"])
	if e, ok := m["error"]; ok {
		fmt.Fprintf(&b, ": %v", e)
	}
	var keys []string
	for k := range m {
		if k != "level" && k != "message" && k != "error" {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, " %s=%v", k, m[k])
	}
	if _, alert := m["alert"]; alert && t.notice != nil && t.notice(glyph.Clean(b.String())) == nil {
		return len(p), nil
	}
	if _, err := io.WriteString(w, glyph.Clean(b.String())+"\n"); err != nil {
		return 0, err
	}
	return len(p), nil
}

// noticeLevel is that of alerts in syslog, which zerolog does not know: a
// person should know of them, whether they are good or bad.
const noticeLevel zerolog.Level = 100

// noticePriority is daemon.notice (RFC 5424, section 6.2.1).
const noticePriority = 3<<3 | 5

// syslogNotice gives a line to the system's log with the level notice. procd
// knows but two, info and error, by the stream that a line came from.
func syslogNotice(text string) error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: devLog, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, err = fmt.Fprintf(conn, "<%d>netifyd: %s", noticePriority, text)
	return err
}

// devLog is where the system's log listens.
var devLog = "/dev/log"

// priority is the severity of syslog (RFC 5424, section 6.2.1).
func priority(l zerolog.Level) int {
	switch l {
	case noticeLevel:
		return 5
	case zerolog.DebugLevel, zerolog.TraceLevel:
		return 7
	case zerolog.WarnLevel:
		return 4
	case zerolog.ErrorLevel, zerolog.FatalLevel, zerolog.PanicLevel:
		return 3
	}
	return 6
}

// journal says that standard error goes to the journal of systemd, whose
// device and inode JOURNAL_STREAM then names (systemd.exec(5)).
func journal() bool {
	var st syscall.Stat_t
	if syscall.Fstat(2, &st) != nil {
		return false
	}
	return os.Getenv("JOURNAL_STREAM") == fmt.Sprintf("%d:%d", uint64(st.Dev), uint64(st.Ino))
}
