package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/flow"
	"netifyd/core/packet"
)

// fill puts a value of the right form for every key, two for lists.
func fill(s *attr.Set) {
	for k := attr.None + 1; int(k) < attr.Number; k++ {
		n := 1
		if k.Info().List {
			n = 2
		}
		for i := range n {
			switch k.Info().Form {
			case attr.Text:
				s.PutString(k, fmt.Sprintf("text %d", i))
			case attr.Hex:
				s.Put(k, bytes.Repeat([]byte{0xab}, k.Info().Limit))
			case attr.IP:
				s.Put(k, []byte{192, 0, 2, byte(i)})
			case attr.Addr:
				s.Put(k, []byte{192, 0, 2, 1, 0x0d, 0x96})
			default:
				s.PutUint(k, 0x1303)
			}
		}
	}
}

// wantValue is what encoding/json makes of what fill put.
func wantValue(info attr.Info) any {
	one := func(i int) any {
		switch info.Form {
		case attr.Text:
			return fmt.Sprintf("text %d", i)
		case attr.Hex:
			return strings.Repeat("ab", info.Limit)
		case attr.IP:
			return fmt.Sprintf("192.0.2.%d", i)
		case attr.Addr:
			return "192.0.2.1:3478"
		case attr.Hex16:
			return "0x1303"
		case attr.Hex32:
			return "0x00001303"
		case attr.Bool:
			return true
		}
		return 4867.0
	}
	if info.List {
		return []any{one(0), one(1)}
	}
	return one(0)
}

// Every attribute arrives at its place, in its form, and nothing else does.
func TestAttributes(t *testing.T) {
	f := sample()
	f.Attrs.Reset()
	f.DNSName = nil
	f.Rec.Proto = 7
	bare := flowOf(t, AppendFlow(nil, V4, f))
	fill(f.Attrs)
	got := flowOf(t, AppendFlow(nil, V4, f))
	want := bare
	for k := attr.None + 1; int(k) < attr.Number; k++ {
		info := k.Info()
		if info.Name == "" {
			continue
		}
		if info.Group == "" {
			want[info.Name] = wantValue(info)
			continue
		}
		g, _ := want[info.Group].(map[string]any)
		if g == nil {
			g = map[string]any{}
			want[info.Group] = g
		}
		g[info.Name] = wantValue(info)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

// Two keys at one place, or an attribute at a fixed field's place, would make a line with a key twice.
func TestAttributeNamesAreUnique(t *testing.T) {
	for d, object := range flowObjects {
		seen := map[string]bool{}
		for _, f := range object {
			if seen[f.name()] {
				t.Errorf("dialect %v: flow.%s twice", Dialect(d), f.name())
			}
			seen[f.name()] = true
		}
	}
	for _, g := range groups(V4) {
		in := map[string]bool{}
		for _, k := range g.keys {
			if in[k.name] {
				t.Errorf("flow.%s.%s twice", g.name, k.name)
			}
			in[k.name] = true
		}
	}
}

func TestListsAreBounded(t *testing.T) {
	f := sample()
	for i := range 2 * maxList {
		f.Attrs.PutString(attr.TLSSANs, fmt.Sprint("name", i))
		f.Attrs.PutString(attr.TLSALPN, fmt.Sprint("p", i))
	}
	ssl := flowOf(t, AppendFlow(nil, V4, f))["ssl"].(map[string]any)
	if n := len(ssl["sans"].([]any)); n != maxNames || ssl["sans"].([]any)[7] != "name7" {
		t.Errorf("%d sans", n)
	}
	if n := len(ssl["alpn"].([]any)); n != maxList {
		t.Errorf("%d alpn", n)
	}
}

func TestHostileText(t *testing.T) {
	f := sample()
	f.Attrs.Reset()
	f.Attrs.Put(attr.HTTPUserAgent, bytes.Repeat([]byte("\x00\x1b\x9b\"\\\xff"), 200))
	f.Attrs.PutString(attr.SSHClient, "x"+strings.Repeat("ü", 200)) // cut in the middle of a character
	f.Attrs.Put(attr.STUNMapped, []byte{1, 2, 3})                   // of no size an address has
	f.Attrs.Put(attr.STUNPeer, append(make([]byte, 15), 1, 0, 80))
	f.Attrs.Put(attr.TLSVersion, []byte{1})
	v := flowOf(t, AppendFlow(nil, V4, f))
	if ua := v["http"].(map[string]any)["user_agent"].(string); !strings.HasPrefix(ua, "\x00\x1b\ufffd\"\\\ufffd") {
		t.Errorf("%q", ua)
	}
	if s := v["ssh"].(map[string]any)["client"].(string); s != "x"+strings.Repeat("ü", 127) {
		t.Errorf("%q", s)
	}
	if m := v["stun"].(map[string]any); m["mapped"] != "0.0.0.0:0" || m["peer"] != "[::1]:80" {
		t.Errorf("%v", m)
	}
	if s := v["ssl"].(map[string]any)["version"]; s != "0x0000" {
		t.Errorf("%v", s)
	}
}

// A script for netifyd 3 makes a flow flat: it takes away what opens the flow
// object, and every brace behind a zero, which is to be the flow's own, for
// vlan_id comes last there. So no object within ends in a zero.
func TestThreeCanBeCutFlat(t *testing.T) {
	check := func(t *testing.T, f *Flow) {
		t.Helper()
		l := string(AppendFlow(nil, V3, f))
		flat := strings.NewReplacer(`"established":false,`, "", `"flow":{`, "", "0}", "0").Replace(l)
		var v map[string]any
		if err := json.Unmarshal([]byte(flat), &v); err != nil {
			t.Fatalf("%v in %s, which was %s", err, flat, l)
		} else if v["local_ip"] == nil || v["interface"] == nil {
			t.Errorf("not flat: %s", flat)
		}
	}
	f := sample()
	f.Rec.VLAN = 0
	put := func(k attr.Key) {
		switch k.Info().Form {
		case attr.Uint:
			if k == attr.NTPVersion { // 1 to 4
				f.Attrs.PutUint(k, 4)
				return
			}
			f.Attrs.PutUint(k, 250)
			if k == attr.RTPPayloadType { // told together
				f.Attrs.PutUint(attr.RTPSSRC, 0)
			}
		case attr.Text:
			f.Attrs.PutString(k, "text 0")
		case attr.Hex, attr.IP, attr.Addr:
			f.Attrs.Put(k, make([]byte, 4))
		default:
			f.Attrs.PutUint(k, 0)
		}
	}
	for k := attr.None + 1; int(k) < attr.Number; k++ {
		for l := attr.None; l <= k; l++ {
			f.Attrs.Reset()
			if put(k); l != attr.None {
				put(l)
			}
			check(t, f)
		}
	}
	for k := attr.None + 1; int(k) < attr.Number; k++ {
		put(k)
	}
	for kind := range packet.TunnelType(packet.NumTunnels) {
		f.Tunnel = &Tunnel{Type: kind, Version: 4, GTPVersion: 1, OtherType: flow.OtherRemote}
		check(t, f)
		f.Tunnel.Version = 0
		check(t, f)
	}
}
