package main

import (
	"os"
	"strings"
)

// defaultRoute is the interface of the default route: IPv4, else IPv6; empty where there is none.
func defaultRoute() string {
	if text, err := os.ReadFile("/proc/net/route"); err == nil {
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) > 7 && f[1] == "00000000" && f[7] == "00000000" {
				return f[0]
			}
		}
	}
	if text, err := os.ReadFile("/proc/net/ipv6_route"); err == nil {
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) == 10 && strings.Trim(f[0], "0") == "" && f[1] == "00" && f[9] != "lo" {
				return f[9]
			}
		}
	}
	return ""
}

// isBridgePort says that an interface is a port of a bridge or a bond.
func isBridgePort(name string) bool {
	_, err := os.Stat("/sys/class/net/" + name + "/master")
	return err == nil
}
