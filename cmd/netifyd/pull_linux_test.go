package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestPulledWhileRulesAct: the interface goes and comes while a rule fills a
// set. Flows of before leave the set, those of after come in, and at the end it
// is empty.
func TestPulledWhileRulesAct(t *testing.T) {
	s := newStage(t)
	needs(t, "nft")
	s.must(s.client, "nft", "add table inet t; add set inet t pull { type ipv4_addr; flags timeout; }")
	conf := s.write("netifyd.toml", fmt.Sprintf(`
[agent]
update_interval = 1
volatile_dir = %[1]q
[usage]
directory = "none"
[[listen]]
path = "%[1]s/sock"
[[interface]]
name = "lan0"
role = "lan"
[[target]]
name = "pull"
type = "nftset"
table = "t"
set = "pull"
elements = ["other_addr"]
[[action]]
name = "all"
targets = ["pull"]
criteria = "ip_protocol == 17"
`, s.dir))
	log := &lines{}
	cmd := s.in(s.client, binary, "-R", "-c", conf)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	log.wait(t, "started interfaces=")
	said := func(what string, times int) {
		t.Helper()
		for end := time.Now().Add(deadline); strings.Count(log.String(), what) < times; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%q was not said %d times, but\n%s", what, times, log)
			}
		}
	}
	after := 0
	holds := func(want bool, what string) {
		t.Helper()
		for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
			if want {
				s.flood(after)
			}
			out, _ := s.in(s.client, "nft", "list", "set", "inet", "t", "pull.v4").CombinedOutput()
			if strings.Contains(string(out), "elements") == want {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%s: %s\n%s", what, out, log)
			}
		}
	}
	holds(true, "before")
	for n := 1; n <= 2; n++ {
		s.must(s.client, "ip", "link", "del", "lan0")
		after++
		said("lan0 vanished", n)
		s.must(s.client, "ip", "link", "add", "lan0", "type", "veth", "peer", "name", "far0", "netns", s.server)
		s.must(s.client, "ip", "link", "set", "lan0", "up")
		s.must(s.server, "ip", "link", "set", "far0", "up")
		said("is captured again", n)
		_ = cmd.Process.Signal(syscall.SIGUSR2) // every flow ends
		said("capture stopped", n)
		holds(false, "flows that ended")
		_ = cmd.Process.Signal(syscall.SIGUSR1)
		said("capture started", n)
		holds(true, "after")
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
	holds(false, "at the end")
	if list, _ := filepath.Glob(filepath.Join(s.dir, "*.sock")); len(list) > 0 {
		t.Errorf("%v is left", list)
	}
}

// flood sends packets of one flow into the far end, as many as decide it.
func (s *stage) flood(n int) {
	s.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread is in another namespace
		fd, err := rawIn(s.server)
		if err == nil {
			defer unix.Close(fd)
			var r *unix.Ifreq
			if r, err = unix.NewIfreq("far0"); err == nil {
				err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, r)
			}
			for i := 0; i < 40 && err == nil; i++ {
				err = unix.Sendto(fd, datagram(200+n), 0, &unix.SockaddrLinklayer{Ifindex: int(r.Uint32()), Protocol: 8})
			}
		}
		done <- err
	}()
	if err := <-done; err != nil {
		s.Fatal(err)
	}
}
