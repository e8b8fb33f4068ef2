package conntrack

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/netlink"
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

func tupleOf(src, dst string, protocol uint8) *core.Tuple {
	s, d := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	t := &core.Tuple{SrcPort: s.Port(), DstPort: d.Port(), Protocol: protocol, Version: 4}
	if s.Addr().Is6() {
		t.Version = 6
	}
	copy(t.Src[:], s.Addr().AsSlice())
	copy(t.Dst[:], d.Addr().AsSlice())
	return t
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
		table, err := NewAsker()
		if err != nil {
			t.Error(err)
			return
		}
		defer table.Close()
		var e, back Conn
		local := c.LocalAddr().(*net.TCPAddr).AddrPort()
		there := tupleOf(netip.AddrPortFrom(local.Addr().Unmap(), local.Port()).String(), "127.0.0.1:7001", 6)
		if !table.Lookup(there, &e) || e.ID == 0 || e.Mark != 7 || !e.NAT() || e.Tuples[1].SrcPort != 7000 || e.Tuples[1].DstPort != local.Port() {
			t.Errorf("%+v", e)
		}
		seen := &core.Tuple{Src: there.Src, Dst: there.Dst, SrcPort: local.Port(), DstPort: 7000, Protocol: 6, Version: 4} // as beyond the translation
		if !table.Lookup(seen, &back) || back.ID != e.ID || back.Tuples != e.Tuples {
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

// The question, byte for byte. TestLookup holds that a kernel understands it.
func TestQuestion(t *testing.T) {
	if native.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the bytes are those of a little-endian machine")
	}
	const want = "4800000001010100030000000000000002000000" + "34000180" + "14000180" + "08000100c0a80107" + "08000200685661b3" +
		"1c000280" + "0500010006000000" + "06000200cf950000" + "0600030001bb0000"
	if got := hex.EncodeToString(appendQuestion(nil, tupleOf("192.168.1.7:53141", "104.86.97.179:443", 6), 3)); got != want {
		t.Errorf("\n%s\n%s", got, want)
	}
}

// What the kernel answers may be cut, or be no answer.
func TestAnswer(t *testing.T) {
	q := appendQuestion(nil, tupleOf("192.168.1.7:53141", "104.86.97.179:443", 6), 9)
	native.PutUint16(q[4:], messageNew)
	reply := appendQuestion(nil, tupleOf("104.86.97.179:443", "198.51.100.1:40001", 6), 9)[headLen:]
	native.PutUint16(reply[2:], tupleReply|netlink.Nested)
	q = netlink.Attribute(append(q, reply...), ctID, []byte{0xd6, 0xca, 0x32, 0xaf})
	native.PutUint32(q, uint32(len(q)))
	var c Conn
	if found, errno := c.answer(q, 9); !found || errno != 0 || c.ID != 0xd6ca32af || !c.NAT() || c.Tuples[1].DstPort != 40001 {
		t.Errorf("%v %v %+v", found, errno, c)
	}
	for n := range len(q) {
		if found, _ := c.answer(q[:n], 9); found {
			t.Fatalf("%d bytes of %d were taken", n, len(q))
		}
	}
	if found, errno := c.answer(q, 8); found || errno != 0 {
		t.Error("the answer to another question was taken")
	}
}
