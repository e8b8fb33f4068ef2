package main

import (
	binaryorder "encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stun is an Ethernet frame with one STUN request of a flow of its own.
func stun(n int, to net.HardwareAddr) []byte {
	f := append(append([]byte{}, to...), 2, 0, 0, 0, 0, 1, 8, 0)
	ip := make([]byte, 28+20)
	ip[0], ip[8], ip[9] = 0x45, 64, 17
	binaryorder.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
	copy(ip[12:], []byte{10, byte(n >> 16), byte(n >> 8), byte(n), 192, 168, 77, 1})
	sum := uint32(0)
	for i := 0; i < 20; i += 2 {
		sum += uint32(binaryorder.BigEndian.Uint16(ip[i:]))
	}
	binaryorder.BigEndian.PutUint16(ip[10:], ^uint16(sum>>16+sum&0xffff))
	binaryorder.BigEndian.PutUint16(ip[20:], uint16(20000+n%20000))
	binaryorder.BigEndian.PutUint16(ip[22:], 3478)
	binaryorder.BigEndian.PutUint16(ip[24:], 28)
	copy(ip[28:], []byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, byte(n >> 16), byte(n >> 8), byte(n), 9})
	return append(f, ip...)
}

// TestActionBurst measures what is lost of BURST flows at once, RATE a second (0: as fast as
// can be sent), that rules with TARGETS match, and what each thread of the agent takes.
//
//	BURST=100000 TARGETS=nftset,ipset,ctmark,ctlabel go test ./cmd/netifyd -count=1 -run TestActionBurst -v
func TestActionBurst(t *testing.T) {
	flows, _ := strconv.Atoi(os.Getenv("BURST"))
	if flows == 0 {
		t.Skip("a measurement: set BURST to the number of flows")
	}
	rate, _ := strconv.Atoi(os.Getenv("RATE"))
	s := newStage(t)
	s.must(s.client, "nft", "add table ip t; add chain ip t c { type filter hook prerouting priority 0; }; add rule ip t c ct state new counter; add chain ip t use; add rule ip t use ct label set 0")
	var rules strings.Builder
	var names []string
	for _, kind := range strings.FieldsFunc(os.Getenv("TARGETS"), func(r rune) bool { return r == ',' }) {
		if kind != "none" {
			fmt.Fprintf(&rules, "[[target]]\nname = %q\ntype = %q\nsize = 131072\n%s\n", kind, kind, map[string]string{"nftset": "table = \"nfa\"\nset = \"p\"", "ipset": "set = \"p\"", "ctmark": "mark = 16", "ctlabel": "labels = [\"5\"]"}[kind])
			names = append(names, strconv.Quote(kind))
		}
	}
	if os.Getenv("TARGETS") != "" {
		fmt.Fprintf(&rules, "[[action]]\nname = \"p\"\ncriteria = \"proto == 'stun'\"\ntargets = [%s]\n", strings.Join(names, ","))
	}
	conf := s.write("netifyd.toml", fmt.Sprintf("[agent]\nvolatile_dir = \"%[1]s/run\"\n[[listen]]\npath = \"%[1]s/run/s.sock\"\n[flows]\nmax = 131072\n%[2]s", s.dir, rules.String()))
	c := s.in(s.client, binary, "-c", conf, "-I", "lan0")
	log, _ := os.Create(filepath.Join(s.dir, "log"))
	defer log.Close()
	c.Stdout, c.Stderr = log, log
	agent := s.start(c)
	ask := func(what ...string) (a map[string]any) {
		out, _ := s.in(s.client, binary, append([]string{"-c", conf}, what...)...).Output()
		_ = json.Unmarshal(out, &a)
		return a
	}
	for end := time.Now().Add(deadline); ask("status", "--json") == nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the agent does not answer")
		}
	}
	link := strings.Fields(s.must(s.client, "cat", "/sys/class/net/lan0/address"))
	mac, err := net.ParseMAC(link[0])
	if err != nil {
		t.Fatal(err)
	}
	before := threads(agent.Process.Pid)
	sent := make(chan time.Duration)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread is in another namespace
		fd, err := rawIn(s.server)
		if err != nil {
			t.Error(err)
			close(sent)
			return
		}
		defer unix.Close(fd)
		dev, _ := net.InterfaceByName("far0")
		begun := time.Now()
		for n := range flows {
			if wait := time.Duration(0); rate > 0 {
				if wait = time.Until(begun.Add(time.Duration(n) * time.Second / time.Duration(rate))); wait > 0 {
					time.Sleep(wait)
				}
			}
			for unix.Sendto(fd, stun(n, mac), 0, &unix.SockaddrLinklayer{Ifindex: dev.Index, Protocol: 8}) != nil {
				time.Sleep(50 * time.Microsecond)
			}
		}
		sent <- time.Since(begun)
	}()
	took := <-sent
	during := threads(agent.Process.Pid)
	time.Sleep(8 * time.Second) // what waits is told
	load, _ := os.ReadFile("/proc/loadavg")
	t.Logf("%d flows in %v, %.0f a second; load %s", flows, took.Round(time.Millisecond), float64(flows)/took.Seconds(), strings.TrimSpace(string(load)))
	for id, d := range during {
		if b := before[id]; d[0]+d[1] > b[0]+b[1]+5 {
			t.Logf("thread %s: %d ms user, %d ms system", id, 10*(d[0]-b[0]), 10*(d[1]-b[1]))
		}
	}
	status, _ := s.in(s.client, binary, "-c", conf, "status").CombinedOutput()
	list, _ := s.in(s.client, binary, "-c", conf, "rules").CombinedOutput()
	t.Logf("%s\n%s", status, list)
	begun := time.Now()
	_ = agent.Process.Signal(syscall.SIGTERM)
	_ = agent.Wait()
	ended := time.Since(begun)
	marks, _ := s.in(s.client, "sh", "-c", "nft list table inet nfa | grep -o netifyd | wc -l; ipset list | grep -c comment; conntrack -L -m 16 2>/dev/null | wc -l").Output()
	t.Logf("the end took %v; left are %s elements of nftables and comments of the sets, of ipset and marks", ended.Round(time.Millisecond), strings.Join(strings.Fields(string(marks)), ", "))
	said, _ := os.ReadFile(log.Name())
	t.Logf("the agent said:\n%s", said)
}

// threads are the ticks of user and system that each thread of a process took.
func threads(pid int) map[string][2]int {
	list := map[string][2]int{}
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		_, rest, _ := strings.Cut(string(text), ") ")
		if w := strings.Fields(rest); len(w) > 13 {
			u, _ := strconv.Atoi(w[11])
			k, _ := strconv.Atoi(w[12])
			list[filepath.Base(filepath.Dir(f))] = [2]int{u, k}
		}
	}
	return list
}
