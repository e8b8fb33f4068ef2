package main

import (
	"bytes"
	"cmp"
	binaryorder "encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core/conntrack"
	"netifyd/core/netlink"
)

// within runs f on a thread of a namespace.
func within(t *testing.T, ns string, f func() error) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends, and does nothing elsewhere
		fd, err := os.Open("/var/run/netns/" + ns)
		if err == nil {
			err = unix.Setns(int(fd.Fd()), unix.CLONE_NEWNET)
			fd.Close()
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// arrivals hears which ports come into a set of nftables, or whose connections
// get a mark or a label, and when.
func arrivals(w *netlink.Watcher, at *[65536]atomic.Int64) {
	buf := make([]byte, 64<<10)
	for {
		err := w.Next(buf, func(a *netlink.Answer) {
			now := time.Now().UnixNano()
			var c conntrack.Conn
			if a.Kind == ctNew && c.Parse(a.Attributes()) && (c.Mark != 0 || c.Labels != [16]byte{}) {
				at[c.Tuples[0].SrcPort].CompareAndSwap(0, now)
			}
			if a.Kind != nftNewElement {
				return
			}
			netlink.Each(a.Attributes(), func(kind uint16, v []byte) bool {
				return kind != 3 || netlink.Each(v, func(_ uint16, v []byte) bool { // elements, one
					return netlink.Each(v, func(kind uint16, v []byte) bool { // its key, its value
						return kind != 1 || netlink.Each(v, func(_ uint16, v []byte) bool {
							if len(v) == 2 {
								at[binaryorder.BigEndian.Uint16(v)].CompareAndSwap(0, now)
							}
							return true
						})
					})
				})
			})
		})
		if err != nil && !errors.Is(err, unix.ENOBUFS) {
			return
		}
	}
}

// Messages of the kernel's.
const (
	nftNewElement = 10<<8 | 12
	ctNew         = 1 << 8 // also of a change
)

// TestActionLatency measures the time from a connection's first payload to its
// element in the set, or its mark or label (TARGET), at RATE connections a
// second, for LATENCY seconds:
//
//	LATENCY=5 RATE=1000 TARGET=ctmark go test ./cmd/netifyd -run TestActionLatency -v
func TestActionLatency(t *testing.T) {
	seconds, _ := strconv.Atoi(os.Getenv("LATENCY"))
	if seconds == 0 {
		t.Skip("a measurement: set LATENCY to its seconds")
	}
	rate, _ := strconv.Atoi(os.Getenv("RATE"))
	if rate == 0 {
		rate = 1000
	}
	needs(t, "ip", "nft")
	s := newStage(t)
	kind := cmp.Or(os.Getenv("TARGET"), "nftset")
	settings, group, message := "table = \"nfa\"\nset = \"p\"\nelements = [\"local_port\"]", 7, uint16(nftNewElement)
	if kind != "nftset" {
		settings, group, message = map[string]string{"ctmark": "mark = 16", "ctlabel": "labels = [\"5\"]"}[kind], 2, ctNew
		s.must(s.client, "nft", "add table ip t; add chain ip t c { type filter hook output priority 0; }; add rule ip t c ct state new counter; add chain ip t use; add rule ip t use ct label set 0")
	}
	conf := s.write("netifyd.toml", fmt.Sprintf(`
[agent]
volatile_dir = "%[1]s/run"
[[listen]]
path = "%[1]s/run/s.sock"
[[target]]
name = "p"
type = "%[2]s"
%[3]s
[[action]]
name = "p"
criteria = "app == 'netify.tiktok'"
targets = ["p"]
`, s.dir, kind, settings))
	c := s.in(s.client, binary, "-c", conf, "-I", "lan0")
	s.start(c)
	answers := func() bool { // it says 2 where it has warnings
		out, _ := s.in(s.client, binary, "-c", conf, "status", "--json").Output()
		return bytes.Contains(out, []byte("lan0"))
	}
	for end := time.Now().Add(deadline); !answers(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the agent does not answer")
		}
	}
	var listener net.Listener
	within(t, s.server, func() (err error) { listener, err = net.Listen("tcp4", "192.168.77.2:80"); return err })
	defer listener.Close()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			defer c.Close() // no port is taken twice
		}
	}()
	var watcher *netlink.Watcher
	within(t, s.client, func() (err error) {
		watcher, err = netlink.Watch(group, 4<<20, []uint16{message}, nil)
		return err
	})
	var sent, came [65536]atomic.Int64
	go arrivals(watcher, &came)
	defer watcher.Close()
	within(t, s.client, func() error {
		begin := time.Now()
		for n := range seconds * rate {
			if wait := time.Until(begin.Add(time.Duration(n) * time.Second / time.Duration(rate))); wait > 0 {
				time.Sleep(wait)
			}
			c, err := net.Dial("tcp4", "192.168.77.2:80")
			if err != nil {
				return err
			}
			port := c.LocalAddr().(*net.TCPAddr).Port
			sent[port].Store(time.Now().UnixNano())
			if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: www.tiktok.com\r\n\r\n")); err != nil {
				return err
			}
			defer c.Close()
		}
		t.Logf("%d connections in %v", seconds*rate, time.Since(begin).Round(time.Millisecond))
		return nil
	})
	var once sync.Once
	var times []time.Duration
	missing := 0
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		times, missing = times[:0], 0
		for p := range sent {
			if from, to := sent[p].Load(), came[p].Load(); from != 0 && to == 0 {
				missing++
			} else if from != 0 {
				times = append(times, time.Duration(to-from))
			}
		}
		if missing == 0 || time.Now().After(end) {
			break
		}
		once.Do(func() { t.Log("waiting for the last") })
	}
	slices.Sort(times)
	if len(times) == 0 {
		t.Fatal("no element came")
	}
	load, _ := os.ReadFile(filepath.Join("/proc", "loadavg"))
	at := func(q float64) time.Duration {
		return times[min(int(q*float64(len(times))), len(times)-1)].Round(10 * time.Microsecond)
	}
	t.Logf("%d elements, %d missing: median %v, p90 %v, p99 %v, most %v; load %s", len(times), missing, at(.5), at(.9), at(.99), at(1), load)
	if missing > 0 {
		t.Errorf("%d of %d connections brought no element", missing, len(times)+missing)
	}
}
