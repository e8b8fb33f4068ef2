//go:build !linux && !freebsd

package control

import "net"

// mayChange is false where the other end's credentials are not known.
func mayChange(net.Conn, int) bool { return false }
