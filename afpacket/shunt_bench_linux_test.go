package afpacket

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// tcp4 is an Ethernet, IPv4, TCP frame.
func tcp4(port uint16, flags byte, payload int) []byte {
	f := frame(0, 443, 0, 12+payload)
	f[14+9] = 6
	binary.BigEndian.PutUint16(f[34:], port)
	f[34+12], f[34+13] = 0x50, flags
	return f
}

// passed are packets that an attached filter looks at in vain.
var passed = []struct {
	name  string
	frame []byte
}{
	{"tcp4", tcp4(5000, 0x10, 200)},
	{"udp4", frame(7, 4000, 0, 100)},
	{"tcp6", tcp6(5000, 0x10, 200)},
	{"arp", append([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 6}, make([]byte, 46)...)},
	{"tag-in-tag", frame(7, 4000, 5, 100)}, // of one tag alone the kernel makes udp4
}

const (
	cmdTestRun     = 10 // BPF_PROG_TEST_RUN
	cmdEnableStats = 32 // BPF_ENABLE_STATS
)

type testRunAttr struct {
	fd, answer      uint32
	sizeIn, sizeOut uint32
	in, out         uint64
	repeat          uint32
	duration        uint32 // nanoseconds a run, rounded down
	sizeContext     [2]uint32
	context         [2]uint64
	flags, cpu      uint32
	batch, _        uint32
}

// testRun lets the kernel run a program n times on a frame, and gives the time and the program's answer.
func testRun(t testing.TB, prog int, frame []byte, n int) (time.Duration, uint32) {
	t.Helper()
	// The kernel takes off a link header, as it does before sockets are asked, but does not put it back.
	in := append(bytes.Clone(frame[:14]), frame...)
	a := &testRunAttr{fd: uint32(prog), sizeIn: uint32(len(in)), in: pointer(unsafe.Pointer(&in[0])), repeat: uint32(n)}
	start := time.Now()
	_, err := bpfCall(cmdTestRun, unsafe.Pointer(a), unsafe.Sizeof(*a))
	took := time.Since(start)
	runtime.KeepAlive(in)
	if err != nil {
		t.Skip("this kernel runs no socket filter to try it: ", err)
	}
	return took, a.answer
}

// nothing is a program that passes every packet: what asking any filter costs.
func nothing(t testing.TB) int {
	a := &assembler{}
	a.add(opMoveConst, 0, 0, 0, 1<<18)
	a.add(opExit, 0, 0, 0, 0)
	fd, err := loadProgram(a.finish())
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return fd
}

// empty is an open shunt without flows.
func empty(t testing.TB) *shunt {
	s := openShunt(&Config{Shunt: DefaultShunt, SnapLength: 1 << 18}, shape{link: core.LinkEthernet})
	if s.err != nil {
		without(t, s.err)
	}
	t.Cleanup(s.close)
	return s
}

// BenchmarkShuntEmpty is a run of the filter while no flow is shunted, by the
// kernel's own test of programs; nothing is what any filter costs there.
func BenchmarkShuntEmpty(b *testing.B) {
	s := empty(b)
	b.Run("nothing", func(b *testing.B) { testRun(b, nothing(b), passed[0].frame, b.N) })
	for _, p := range passed {
		b.Run(p.name, func(b *testing.B) { testRun(b, s.prog, p.frame, b.N) })
	}
}

// accounted is what the kernel spent in a program so far; it counts while an
// enableStats descriptor is open.
func accounted(t testing.TB, prog int) (ns, runs float64) {
	t.Helper()
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", prog))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(info)) {
		_, _ = fmt.Sscanf(line, "run_time_ns:\t%f", &ns)
		_, _ = fmt.Sscanf(line, "run_cnt:\t%f", &runs)
	}
	return ns, runs
}

func middle(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// ownTime is the processor time of this thread, with what interrupts did in it.
func ownTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}

// BenchmarkShuntAttached sends packets of 512 flows over a veth pair to a
// ring, past the classic filter, past an eBPF filter that does nothing and
// past the shunt's filter without flows; one op is 2000 packets past each, in
// turn. What a packet costs is the sender's processor time, in which the
// filter runs and the ring is filled: medians of the ops. Of the kernel's own
// account of time in programs, taken with packets of its own, that of the
// program that does nothing is subtracted. Want -benchtime 200x or more.
func BenchmarkShuntAttached(b *testing.B) {
	here, there := pair(b)
	source := shunting(b, here, time.Millisecond)
	defer finish(source)
	frames := make([][]byte, 512)
	for i := range frames {
		if frames[i] = frame(uint32(i), 4000, 0, 200); i%2 == 1 {
			frames[i] = tcp4(uint16(1024+i), 0x10, 188)
		}
	}
	const packets = 2000 // the ring has room for them
	shunt, trivial := source.shunt.prog, nothing(b)
	code, err := compile(&source.config, core.LinkEthernet, source.config.SnapLength)
	if err != nil {
		b.Fatal(err)
	}
	use := func(prog int) {
		b.Helper()
		var err error
		_ = source.sock.raw.Control(func(fd uintptr) {
			if prog < 0 {
				err = setFilter(int(fd), code)
			} else {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, soAttachBPF, prog)
			}
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	out := newSender(b, there)
	var batch core.Batch
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pass := func(prog int) float64 {
		use(prog)
		start := ownTime()
		blast(b, out, frames, packets)
		took := ownTime() - start
		for source.Next(&batch) == nil && len(batch.Frames) > 0 {
		}
		return float64(took) / packets
	}
	account := func(prog int) float64 {
		ns, runs := accounted(b, prog)
		pass(prog)
		ns2, runs2 := accounted(b, prog)
		return (ns2 - ns) / max(runs2-runs, 1)
	}
	var classic, idle, attached, cost, spent []float64
	var stats struct{ kind uint32 } // BPF_STATS_RUN_TIME
	for range b.N {
		c, i, a := pass(-1), pass(trivial), pass(shunt)
		classic, idle, attached, cost = append(classic, c), append(idle, i), append(attached, a), append(cost, a-c)
		if fd, err := bpfCall(cmdEnableStats, unsafe.Pointer(&stats), unsafe.Sizeof(stats)); err == nil {
			spent = append(spent, account(shunt)-account(trivial))
			_ = unix.Close(fd)
		}
	}
	b.ReportMetric(middle(classic), "classic-ns/packet")
	b.ReportMetric(middle(idle), "nothing-ns/packet")
	b.ReportMetric(middle(attached), "attached-ns/packet")
	b.ReportMetric(middle(cost), "cost-ns/packet")
	if len(spent) > 0 {
		b.ReportMetric(middle(spent), "accounted-ns/packet")
	}
	if c := source.Counters(); c.Dropped > 0 {
		b.Logf("%d of %d dropped", c.Dropped, c.Received)
	}
}
