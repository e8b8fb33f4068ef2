package sink_test

import (
	"bufio"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/sink"
	"netifyd/core/sink/socket"
)

// stressFor is how long the test lasts: two seconds, or a tenth of a second for
// each round of STRESS.
func stressFor() time.Duration {
	if n, err := strconv.Atoi(os.Getenv("STRESS")); err == nil {
		return time.Duration(n) * time.Second / 10
	}
	return 2 * time.Second
}

// crowd is clients of all bad kinds, until stop is closed: each connects again
// when it is refused or closed.
func crowd(t *testing.T, n int, network, at string, stop <-chan struct{}, all *sync.WaitGroup, connects *atomic.Int64) {
	kinds := []func(c net.Conn){
		func(net.Conn) { <-stop }, // idle: reads nothing, ever
		func(c net.Conn) { // slow
			for {
				if _, err := io.CopyN(io.Discard, c, 4000); err != nil {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		},
		func(c net.Conn) { // garbage, without end
			go io.Copy(io.Discard, c)
			for {
				if _, err := c.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		},
		func(c net.Conn) { io.CopyN(io.Discard, c, 10_000) }, // goes in the middle of its greeting
		func(c net.Conn) { // closes its half and goes on reading
			if h, ok := c.(interface{ CloseWrite() error }); ok {
				h.CloseWrite()
			}
			io.Copy(io.Discard, c)
		},
	}
	for i := range n {
		all.Add(1)
		go func() {
			defer all.Done()
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Duration(rand.IntN(200)) * time.Millisecond):
				}
				c, err := net.Dial(network, at)
				if err != nil {
					continue
				}
				connects.Add(1)
				done := make(chan struct{})
				go func() { // whatever it does, it ends with the test
					select {
					case <-stop:
					case <-done:
					}
					c.Close()
				}()
				kinds[i%len(kinds)](c)
				close(done)
			}
		}()
	}
}

// knock connects and goes, so many times a second, by plain system calls: what
// net.Dial adds would take longer than what the fanout does. A reset in place of
// an orderly end leaves nothing behind in the kernel. Where the machine is behind,
// it catches up.
func knock(t *testing.T, rate int, port int, stop <-chan struct{}, all *sync.WaitGroup, connects *atomic.Int64) {
	to := &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}
	reset := &unix.Linger{Onoff: 1}
	all.Add(1)
	go func() {
		defer all.Done()
		begun := time.Now()
		for n := 0; ; n++ {
			if early := time.Duration(n)*time.Second/time.Duration(rate) - time.Since(begun); early > 0 {
				time.Sleep(early)
			}
			select {
			case <-stop:
				return
			default:
			}
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				t.Error(err)
				return
			}
			if unix.Connect(fd, to) == nil { // by the loopback the kernel does it at once
				connects.Add(1)
			}
			_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, reset)
			_ = unix.Close(fd)
		}
	}()
}

// TestStressSockets: 200 clients of all bad kinds and 1000 connections a second
// over TCP take nothing from a reader on the UNIX socket, nor the place of one
// that comes later; afterwards nothing of them is left.
func TestStressSockets(t *testing.T) {
	lasts := stressFor()
	before := runtime.NumGoroutine()
	tables := []byte(`{"tables":"` + strings.Repeat("x", 160_000) + `"}` + "\n")
	f := sink.NewFanout(sink.Options{Clients: 16, Queue: 512 << 10, Timeout: time.Second, Greet: func(*sink.Door) sink.Greeting {
		return sink.Greeting{Hello: []byte("{}\n"), Status: []byte(status), Tables: tables}
	}})
	closed := false
	defer func() {
		if !closed {
			f.Close(0)
		}
	}()
	path := listen(t, f, event.V4)
	l, err := socket.Listen(config.Listener{Address: "127.0.0.1", Port: freePort(t)})
	if err != nil {
		t.Fatal(err)
	}
	f.Serve(sink.Door{Listener: l, Dialect: event.V4})

	good := dial(t, "unix", path).greeted()
	good.conn.SetDeadline(time.Now().Add(lasts + patience))
	var heap0, heap runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&heap0)

	stop := make(chan struct{})
	var all sync.WaitGroup
	var connects, knocks, read atomic.Int64
	crowd(t, 200, "tcp", l.Addr().String(), stop, &all, &connects)
	knock(t, 1000, l.Addr().(*net.TCPAddr).Port, stop, &all, &knocks)

	ended := make(chan struct{})
	go func() { // events, as a shard tells them; the reader decides how fast, so that a slow machine fails nothing
		defer close(ended)
		port := f.Port()
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			for _, j := range port.Poll() {
				j.Offer([]byte("{\"n\":-1}\n"))
				j.Done()
			}
			for int64(n)-read.Load() > 100 {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
				}
			}
			port.Offer(event.V4, core.KindFlow, core.Wanted, []byte(numbered(n)+"\n"))
		}
	}()
	late := 0
	next := time.Now().Add(lasts / 4)
	end := time.Now().Add(lasts)
	for n := 0; time.Now().Before(end); {
		line := good.line()
		if !strings.HasPrefix(line, `{"n":`) || strings.HasPrefix(line, `{"n":-1`) {
			continue
		}
		if got := number(t, line); got != n {
			t.Fatalf("%d after %d: the good reader lost events", got, n-1)
		}
		n++
		read.Store(int64(n))
		if time.Now().After(next) { // another one by the UNIX socket finds a place
			next = time.Now().Add(lasts / 4)
			conn, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			conn.SetDeadline(time.Now().Add(patience))
			if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
				t.Errorf("a late client by the UNIX socket: %v", err)
			}
			conn.Close()
			late++
		}
	}
	c := f.Counters()
	close(stop)
	<-ended
	all.Wait()
	from := time.Now()
	f.Close(2 * time.Second)
	closed = true
	if took := time.Since(from); took > patience/2 {
		t.Errorf("closing took %v", took)
	}
	runtime.GC()
	runtime.ReadMemStats(&heap)
	plan := (sink.Options{Clients: 16, Queue: 512 << 10}).Memory()
	if grown := int64(heap.HeapAlloc) - int64(heap0.HeapAlloc); grown > plan+4<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before+2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			b := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, b[:runtime.Stack(b, true)])
		}
	}
	if c.Full == 0 || late == 0 || read.Load() == 0 {
		t.Errorf("too little happened: %+v, %d late, %d read", c, late, read.Load())
	}
	t.Logf("%d connections of clients, %d that went at once (%.0f a second), %d events read, %+v", connects.Load(), knocks.Load(), float64(knocks.Load())/lasts.Seconds(), read.Load(), c)
}
