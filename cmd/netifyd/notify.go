package main

import (
	"net"
	"os"
	"strconv"
)

// notify tells the service manager how the agent does, in the manner of
// sd_notify(3): lines such as READY=1 in one datagram to the socket that
// NOTIFY_SOCKET names. Without that variable nobody wants to know.
func notify(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return // it cannot be told that it cannot be told
	}
	defer c.Close()
	_, _ = c.Write([]byte(state))
}

// notifyReloading says that a reload begins. READY=1 must follow, whatever comes of it.
func notifyReloading() {
	notify("RELOADING=1\nMONOTONIC_USEC=" + strconv.FormatInt(monotonic(), 10))
}
