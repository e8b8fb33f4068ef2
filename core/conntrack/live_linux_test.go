package conntrack

import (
	"net"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestKernel asks a kernel for connections of a namespace of its own, one of
// which is translated.
func TestKernel(t *testing.T) {
	runtime.LockOSThread() // never unlocked: the thread ends with the test, and the namespace with it
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skip("no namespace of our own: ", err)
	}
	rules := exec.Command("nft", "-f", "-")
	rules.Stdin = strings.NewReader(`table ip t {
		chain out { type nat hook output priority -100; udp dport 7001 dnat to 127.0.0.1:7002; }
		chain watch { type filter hook input priority 0; ct state new counter; }
	}`)
	for _, c := range []*exec.Cmd{exec.Command("ip", "link", "set", "lo", "up"), rules} {
		if out, err := c.CombinedOutput(); err != nil {
			t.Skipf("%v: %v %s", c.Args, err, out)
		}
	}
	news := make(chan string, 16)
	w, err := Watch(func(c *Conn) { news <- text(c) }, func() {})
	if err != nil {
		t.Skip(err)
	}
	talk := func(to string) string {
		there, err := net.ListenPacket("udp4", "127.0.0.1:7002")
		if err != nil {
			t.Fatal(err)
		}
		defer there.Close()
		here, err := net.Dial("udp4", to)
		if err != nil {
			t.Fatal(err)
		}
		defer here.Close()
		if _, err := here.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		return here.LocalAddr().String()
	}
	has := func(got, from, to, nat string) bool {
		return strings.HasPrefix(got, "17 "+from+">"+to+" ") && strings.Contains(got, "nat "+nat+" ")
	}
	for _, c := range []struct{ to, nat string }{{"127.0.0.1:7002", "false"}, {"127.0.0.1:7001", "true"}} {
		from := talk(c.to)
		select {
		case got := <-news:
			if !has(got, from, c.to, c.nat) {
				t.Errorf("told %s, want that from %s to %s, nat %s", got, from, c.to, c.nat)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("not told of %s", c.to)
		}
		table, err := Open()
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for range 2 {
			whole, err := table.Each(1<<20, func(c2 *Conn) {
				if has(text(c2), from, c.to, c.nat) {
					found++
				}
			})
			if err != nil || !whole {
				t.Errorf("%v, whole %v", err, whole)
			}
		}
		if found != 2 {
			t.Errorf("the table showed it %d times in 2 looks", found)
		}
		if whole, err := table.Each(1, func(*Conn) {}); err != nil && whole {
			t.Errorf("a look that is cut short: %v %v", whole, err)
		}
		table.Close()
	}
	w.Close()
}
