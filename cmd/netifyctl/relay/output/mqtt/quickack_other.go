//go:build !linux

package mqtt

import "net"

// acknowledger does nothing where the kernel cannot be told.
func acknowledger(net.Conn) func() { return func() {} }
