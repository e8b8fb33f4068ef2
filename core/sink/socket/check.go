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
	"strconv"
	"syscall"

	"netifyd/core/config"
)

// Check says what Listen would refuse, and opens nothing that stays. A place
// that is served already is not refused: the agent that runs may serve it. Nor
// is what this user may not do, since the agent may be another.
func Check(l config.Listener) error {
	if l.Path != "" {
		return checkUnix(l)
	}
	addr, err := address(l.Address)
	if err == nil {
		var ln *net.TCPListener
		if ln, err = net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 0))); err == nil {
			return ln.Close()
		}
	}
	at := net.JoinHostPort(l.Address, strconv.Itoa(int(l.Port)))
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		return foreign(at)
	}
	return fmt.Errorf("listen on tcp %s: %w", at, cause(err))
}

func checkUnix(l config.Listener) error {
	if len(l.Path) > maxPath {
		return tooLong(l.Path)
	}
	if info, err := os.Lstat(l.Path); err == nil && info.Mode()&fs.ModeSocket == 0 {
		return noSocket(l.Path)
	}
	dir := filepath.Dir(l.Path)
	info, err := os.Stat(dir)
	for errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir) { // what is not there is made
		dir = filepath.Dir(dir)
		info, err = os.Stat(dir)
	}
	switch {
	case errors.Is(err, syscall.ENOTDIR), err == nil && !info.IsDir():
		return fmt.Errorf("listen on %s: its directory cannot be made: %s is a file: set another path", l.Path, dir)
	case err != nil && !errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("listen on %s: %w", l.Path, cause(err))
	}
	if l.Group != "" {
		if _, err := user.LookupGroup(l.Group); err != nil {
			return noGroup(l)
		}
	}
	return nil
}

func foreign(at string) error {
	return fmt.Errorf("listen on tcp %s: no interface of this machine has that address: set one that it has, or none for all", at)
}

func tooLong(path string) error {
	return fmt.Errorf("listen on %s: a socket's path has at most %d bytes: set a shorter one", path, maxPath)
}

func noSocket(path string) error {
	return fmt.Errorf("listen on %s: a file that is no socket is there: remove it, or set another path", path)
}

func noGroup(l config.Listener) error {
	return fmt.Errorf("listen on %s: there is no group %q: add it, or set another group", l.Path, l.Group)
}
