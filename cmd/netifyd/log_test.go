package main

import (
	"bytes"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// Alerts are notices: on OpenWrt by the socket of the system's log, in the
// journal by their number. Where nobody listens they are lines as others.
func TestAlertsAreNotices(t *testing.T) {
	was := devLog
	defer func() { devLog = was }()
	devLog = filepath.Join(t.TempDir(), "log")
	var out, errs bytes.Buffer
	split := zerolog.New(textWriter{mild: &out, severe: &errs, form: named, notice: syslogNotice})
	alert := func(l zerolog.Logger) { l.Warn().Str("alert", "device_new").Msg("new device: tv\x1b[2J") }
	if alert(split); errs.String() != "new device: tv\\u001b[2J alert=device_new\n" {
		t.Errorf("without a log: %q", errs.String())
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: devLog, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	errs.Reset()
	alert(split)
	var b [200]byte
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	n, err := conn.Read(b[:])
	if got := string(b[:n]); err != nil || got != "<29>netifyd: new device: tv\\u001b[2J alert=device_new" || errs.Len() > 0 {
		t.Errorf("%q, %v; by the stream %q", got, err, errs.String())
	}
	if split.Info().Msg("started"); out.String() != "started\n" {
		t.Errorf("%q", out.String())
	}
	alert(zerolog.New(textWriter{mild: &out, severe: &errs, form: prefixed}))
	if errs.String() != "<5>new device: tv\\u001b[2J alert=device_new\n" {
		t.Errorf("in the journal: %q", errs.String())
	}
}
