//go:build !linux

package main

import "net"

// defaultRoute asks the routing table by connecting a UDP socket, which sends
// nothing, and looks up whose address it got.
func defaultRoute() string {
	c, err := net.Dial("udp", "192.0.2.1:9") // TEST-NET-1, RFC 5737
	if err != nil {
		return ""
	}
	defer c.Close()
	own := c.LocalAddr().(*net.UDPAddr).IP
	devices, _ := net.Interfaces()
	for _, d := range devices {
		addrs, _ := d.Addrs()
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.Equal(own) {
				return d.Name
			}
		}
	}
	return ""
}

func isBridgePort(string) bool { return false }
