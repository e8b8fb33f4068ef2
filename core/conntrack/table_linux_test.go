package conntrack

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// inNetwork runs fn in a network of its own, where the kernel follows connections.
func inNetwork(t *testing.T, rules string, fn func()) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("a network of its own takes root")
	}
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("no nft")
	}
	done := make(chan string)
	go func() { // the thread is not given back, so that it ends with its network
		defer close(done)
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- fmt.Sprintf("no network of its own: %v", err)
			return
		}
		for _, args := range [][]string{{"ip", "link", "set", "lo", "up"}, {"nft", rules}} {
			if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
				done <- fmt.Sprintf("%v: %v %s", args, err, out)
				return
			}
		}
		fn()
	}()
	if why := <-done; why != "" {
		t.Skip(why)
	}
}

// The kernel is asked about a real connection whose port was translated, by the
// addresses of either side.
func TestLookup(t *testing.T) {
	inNetwork(t, `table ip t {
		chain o { type nat hook output priority -100; tcp dport 7001 redirect to :7000
		}
		chain m { type filter hook output priority 0; ct state new ct mark set 7
		}
		}`, func() {
		ln, err := net.Listen("tcp4", "127.0.0.1:7000")
		if err != nil {
			t.Error(err)
			return
		}
		defer ln.Close()
		c, err := net.Dial("tcp4", "127.0.0.1:7001")
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		table, err := Open()
		if err != nil {
			t.Error(err)
			return
		}
		defer table.Close()
		var e, back Entry
		local := c.LocalAddr().(*net.TCPAddr).AddrPort()
		there := tupleOf(netip.AddrPortFrom(local.Addr().Unmap(), local.Port()).String(), "127.0.0.1:7001", 6)
		if !table.Lookup(there, &e) || e.ID == 0 || e.Mark != 7 || !e.Translated() || e.Reply.SrcPort != 7000 || e.Reply.DstPort != local.Port() {
			t.Errorf("%+v", e)
		}
		seen := &core.Tuple{Src: there.Src, Dst: there.Dst, SrcPort: local.Port(), DstPort: 7000, Protocol: 6, Version: 4} // as beyond the translation
		if !table.Lookup(seen, &back) || back != e {
			t.Errorf("%+v, not %+v", back, e)
		}
		if table.Lookup(tupleOf("192.0.2.1:1", "192.0.2.2:2", 17), &back) || table.Lookup(tupleOf("192.0.2.1:1", "192.0.2.2:2", 1), &back) || table.dead {
			t.Error("what is not there was found")
		}
		if n := testing.AllocsPerRun(100, func() { table.Lookup(there, &e) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
