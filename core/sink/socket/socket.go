// Package socket opens the listeners that serve the stream: UNIX sockets and TCP ports.
package socket

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"netifyd/core/config"
)

// Defaults of a listener.
const (
	DefaultPort  = 7150
	DefaultMode  = 0o660
	DefaultGroup = "netifyd"
)

// maxPath is the longest path of a UNIX socket that Linux and FreeBSD both take.
const maxPath = 103

// hosts names the addresses that a listener may be given by name.
var hosts = "/etc/hosts"

// Listen opens a listener: the UNIX socket l.Path, else TCP. The file of a
// socket is removed when the listener is closed.
func Listen(l config.Listener) (net.Listener, error) {
	if l.Path != "" {
		return listenUnix(l)
	}
	return listenTCP(l)
}

// listenTCP listens on both families where l.Address is empty.
func listenTCP(l config.Listener) (net.Listener, error) {
	port := l.Port
	if port == 0 {
		port = DefaultPort
	}
	at := net.JoinHostPort(l.Address, strconv.Itoa(int(port)))
	addr, err := address(l.Address)
	if err != nil {
		return nil, fmt.Errorf("listen on tcp %s: %w", at, err)
	}
	// Sets SO_REUSEADDR, and takes IPv4 on an IPv6 socket.
	ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, port)))
	switch {
	case err == nil:
		return ln, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listen on tcp %s: another program listens there: stop it, or set another port", at)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, foreign(at)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("listen on tcp %s: not permitted: set a port above 1023", at)
	}
	return nil, fmt.Errorf("listen on tcp %s: %w", at, cause(err))
}

// address finds the address that name stands for; the zero address stands for
// all of this machine. Names come from /etc/hosts alone: the resolver of
// package net is 200 KB of a router's binary, and a listener whose place
// depends on an answer from the net is not wanted.
func address(name string) (netip.Addr, error) {
	if name == "" {
		return netip.Addr{}, nil
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return a, nil
	}
	text, err := os.ReadFile(hosts)
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 2 || !slices.ContainsFunc(fields[1:], func(s string) bool { return strings.EqualFold(s, name) }) {
			continue
		}
		if a, err := netip.ParseAddr(fields[0]); err == nil {
			return a, nil
		}
	}
	switch {
	case strings.EqualFold(name, "localhost"): // RFC 6761, 6.3: whatever a file says or not
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	case err != nil: // without the error of the system, which would say nothing of the name
		return netip.Addr{}, fmt.Errorf("%s cannot be read, so the name is not known: write the address", hosts)
	}
	return netip.Addr{}, fmt.Errorf("%s has no such name: write the address", hosts)
}

func listenUnix(l config.Listener) (net.Listener, error) {
	if len(l.Path) > maxPath {
		return nil, tooLong(l.Path)
	}
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o755); err != nil {
		if dir, _, _ := nearest(filepath.Dir(l.Path)); dangles(dir) {
			return nil, noTarget(l.Path, dir)
		}
		if errors.Is(err, fs.ErrPermission) {
			return nil, noRight(l.Path)
		}
		return nil, fmt.Errorf("listen on %s: its directory cannot be made: %w", l.Path, cause(err))
	}
	if err := removeStale(l.Path); err != nil {
		return nil, err
	}
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: l.Path, Net: "unix"})
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, busy(l.Path)
		}
		if errors.Is(err, fs.ErrPermission) {
			return nil, noRight(l.Path)
		}
		return nil, fmt.Errorf("listen on %s: %w", l.Path, cause(err))
	}
	if err := admit(l); err != nil {
		ln.Close()
		return nil, err
	}
	return ln, nil
}

func busy(path string) error {
	return fmt.Errorf("listen on %s: another program serves this socket: stop it, or set another path", path)
}

func noRight(path string) error {
	return fmt.Errorf("listen on %s: this user may not make it: run as root, or set another path", path)
}

// removeStale removes a socket that nobody listens on, as an agent leaves it
// that was killed. Nothing else is touched.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listen on %s: %w", path, cause(err))
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return noSocket(path)
	}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"}) // does not wait: a full queue is an error
	if err == nil {
		conn.Close()
		return busy(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, syscall.ECONNREFUSED):
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("listen on %s: the socket of a program that is gone cannot be removed: %w", path, cause(err))
		}
		return nil
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("listen on %s: another user's socket is there, and may not be asked whether a program serves it: stop that program, or remove the file", path)
	}
	return busy(path)
}

// admit sets who may connect. A group that was not asked for by name may be missing.
func admit(l config.Listener) error {
	mode := fs.FileMode(l.Mode)
	if mode == 0 {
		mode = DefaultMode
	}
	if err := os.Chmod(l.Path, mode); err != nil {
		return fmt.Errorf("listen on %s: its mode cannot be set to %04o: %w", l.Path, mode, cause(err))
	}
	name := l.Group
	if name == "" {
		name = DefaultGroup
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		if l.Group == "" {
			return nil
		}
		return noGroup(l)
	}
	gid, err := strconv.Atoi(g.Gid)
	if err == nil {
		err = os.Chown(l.Path, -1, gid)
	}
	if err != nil && l.Group != "" {
		return fmt.Errorf("listen on %s: its group cannot be set to %q: %w", l.Path, name, cause(err))
	}
	return nil
}

// cause is the reason inside the errors of net and os, which repeat the path.
func cause(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
