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
	dir, info, err := nearest(filepath.Dir(l.Path))
	switch {
	case dangles(dir):
		return noTarget(l.Path, dir)
	case err == nil && syscall.Access(dir, mayWrite) == syscall.EROFS:
		return fmt.Errorf("listen on %s: %s lies on a file system that is read only: set another path, or mount one there that is not", l.Path, dir)
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

// mayWrite is W_OK of access(2).
const mayWrite = 2

// nearest is the directory, or of those above it the nearest that is there: what
// is not there is made. It may be a link to what is not there.
func nearest(dir string) (_ string, info fs.FileInfo, err error) {
	for {
		info, err = os.Stat(dir)
		if !errors.Is(err, fs.ErrNotExist) || dangles(dir) || dir == filepath.Dir(dir) {
			return dir, info, err
		}
		dir = filepath.Dir(dir)
	}
}

// dangles says that a path is a link to what is not there.
func dangles(path string) bool {
	_, err := os.Readlink(path)
	_, missing := os.Stat(path)
	return err == nil && errors.Is(missing, fs.ErrNotExist)
}

func noTarget(path, link string) error {
	to, _ := os.Readlink(link)
	return fmt.Errorf("listen on %s: %s is a link to %s, which is not there: make that directory first, or set another path", path, link, to)
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
