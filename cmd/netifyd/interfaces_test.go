package main

import (
	"reflect"
	"testing"

	"netifyd/core/config"
)

func TestRoles(t *testing.T) {
	lan := func(name string) config.Interface { return config.Interface{Name: name, Role: config.LAN} }
	wan := func(name string) config.Interface { return config.Interface{Name: name, Role: config.WAN} }
	of := func(names ...string) (out []device) {
		for _, n := range names {
			out = append(out, device{n, true, isLocalBridge(n)})
		}
		return out
	}
	for name, c := range map[string]struct {
		devices []device
		route   string
		want    []config.Interface
	}{
		"a router":                       {append(of("br-lan"), device{name: "eth1"}), "eth1", []config.Interface{lan("br-lan"), wan("eth1")}},
		"a router with containers":       {append(of("br-lan", "docker0"), device{name: "eth1"}), "eth1", []config.Interface{lan("br-lan"), wan("eth1")}},
		"a host":                         {of("eth0"), "eth0", []config.Interface{lan("eth0")}},
		"a host with Docker":             {of("eth0", "docker0", "br-0123456789ab"), "eth0", []config.Interface{lan("eth0")}},
		"a host with virtual machines":   {of("enp3s0", "virbr0"), "enp3s0", []config.Interface{lan("enp3s0")}},
		"a server with a public address": {append(of("docker0"), device{name: "eth0"}), "eth0", []config.Interface{lan("eth0")}},
		"a bridge of one's own":          {of("eth0", "br-guest"), "eth0", []config.Interface{wan("eth0"), lan("br-guest")}},
		"no way out":                     {of("eth0", "eth1"), "", []config.Interface{lan("eth0"), lan("eth1")}},
		"nothing":                        {nil, "", nil},
	} {
		if got := roles(c.devices, c.route); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
