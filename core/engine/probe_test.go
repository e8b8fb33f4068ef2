package engine

import (
	"testing"
	"time"

	"netifyd/core/alert"
	"netifyd/core/config"
)

// Who tries one port after the other is told of as a device, whether it hears
// nothing or is refused; a scan from outside as the host that it is.
func TestScansAreAlerts(t *testing.T) {
	const device, server, stranger = 0xc0a80107, 0xc6336401, 0xcb007109
	refused := func(sport, dport uint16) []byte {
		tcp := syn(nil, sport, dport, 1)
		tcp[13] = 0x14 // RST, ACK
		return tcp
	}
	for what, x := range map[string]struct {
		frames func(n int) [][]byte
		kind   alert.Kind
		inside bool
	}{
		"silent ports": {func(n int) [][]byte {
			return [][]byte{ipv4(nil, ipTCP, device, server, syn(nil, uint16(30000+n), uint16(1000+n), 1))}
		}, alert.ScanPorts, true},
		"refused ports": {func(n int) [][]byte {
			return [][]byte{ipv4(nil, ipTCP, device, server, syn(nil, uint16(30000+n), uint16(1000+n), 1)), ipv4(nil, ipTCP, server, device, refused(uint16(1000+n), uint16(30000+n)))}
		}, alert.ScanPorts, true},
		"many hosts": {func(n int) [][]byte {
			return [][]byte{ipv4(nil, ipTCP, device, server+uint32(n)<<8, syn(nil, uint16(30000+n), 23, 1))}
		}, alert.ScanHosts, true},
		"nobody answers": {func(n int) [][]byte {
			return [][]byte{ipv4(nil, ipTCP, device, server, syn(nil, uint16(30000+n), 445, 1))}
		}, alert.SynUnanswered, true},
		"from outside": {func(n int) [][]byte {
			return [][]byte{ipv4(nil, ipTCP, stranger, device, syn(nil, uint16(30000+n), uint16(1000+n), 1))}
		}, alert.ScanPorts, false},
	} {
		t.Run(what, func(t *testing.T) {
			src := newHeap()
			e, _ := running(t, src, func(c *config.Config) { c.IdleFlow, c.IdleTCP, c.IdleClosed = time.Second, time.Second, time.Second })
			for n := range 50 {
				for _, f := range x.frames(n) {
					src.put(f)
				}
			}
			var of alert.Alert
			eventually(t, "the alert", func() bool {
				e.Do(func() { e.keep(time.Now(), false) })
				for _, a := range e.Alerts().Since(nil, 0, alert.Size) {
					if a.Kind == x.kind {
						of = a
						return true
					}
				}
				time.Sleep(50 * time.Millisecond)
				return false
			})
			w, _ := e.words(&of)
			if (of.Device != 0) != x.inside || w.Host == "" || of.Value < 20 {
				t.Errorf("%+v, %+v", of, w)
			}
		})
	}
}
