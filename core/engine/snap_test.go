package engine

import (
	"bytes"
	"testing"

	"netifyd/core"
	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
)

// TestSnapLength: a datagram of which the capture kept the beginning is known by
// it, though its end, where lengths are proven, is not there.
func TestSnapLength(t *testing.T) {
	for _, name := range []string{"quic-v1", "quic-v2", "dtls", "dtls-gnutls", "ikev1", "ikev2", "netflow", "netflow5", "ipfix", "mdns", "dhcp", "dhcpv6", "dns-other-port",
		"l2tp", "mpegts", "wireguard", "radius", "stun", "upnp", "rtp", "snmp", "wsd"} {
		whole, cut := protocols(t, name, 0), protocols(t, name, 128)
		for flow, protocol := range whole {
			if cut[flow] != protocol {
				t.Errorf("%s: %s is %q, cut %q", name, flow, protocol, cut[flow])
			}
		}
	}
}

// protocols is what each UDP flow of a capture is, its frames cut to snap bytes; 0: whole.
func protocols(t *testing.T, name string, snap int) map[string]any {
	w := newWorld(t, func(c *config.Config) { c.MaxFlows = 1024 })
	src, err := pcapfile.Open("../../testdata/" + name + ".pcap")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var b core.Batch
	for src.Next(&b) == nil {
		for i := range b.Frames {
			if f := &b.Frames[i]; snap > 0 {
				f.Data = bytes.Clone(f.Data[:min(len(f.Data), snap)])
			}
		}
		w.shard.walk(w.iface, &b)
	}
	w.shard.finish(w.iface, false)
	is := map[string]any{}
	for _, l := range w.events() {
		if l.Flow["ip_protocol"] == 17.0 && l.Flow["detected_protocol_name"] != nil {
			is[l.Flow["digest"].(string)] = l.Flow["detected_protocol_name"]
		}
	}
	if len(is) == 0 {
		t.Errorf("%s has no datagrams", name)
	}
	return is
}
