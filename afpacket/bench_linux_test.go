package afpacket

import (
	"runtime"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// mmsghdr is struct mmsghdr of sendmmsg(2).
type mmsghdr struct {
	header unix.Msghdr
	length uint32
}

// blast sends n packets, the frames again and again, 64 a call and past the queueing discipline.
func blast(b *testing.B, s *sender, frames [][]byte, n int) {
	_ = unix.SetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1)
	const call = 64
	messages := make([]mmsghdr, (len(frames)+call-1)/call*call)
	vectors := make([]unix.Iovec, len(messages))
	for i := range messages {
		f := frames[i%len(frames)]
		vectors[i].Base = &f[0]
		vectors[i].SetLen(len(f))
		messages[i].header.Iov = &vectors[i]
		messages[i].header.SetIovlen(1)
	}
	for sent := 0; sent < n; {
		at := sent % len(messages)
		got, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&messages[at])), uintptr(min(call, len(messages)-at, n-sent)), 0, 0, 0)
		if errno == 0 {
			sent += int(got)
		} else if errno != unix.ENOBUFS && errno != unix.EINTR {
			b.Error(errno)
			return
		}
	}
}

// processor time of this thread, in user mode and in the kernel.
func processor() (user, system time.Duration) {
	var r unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_THREAD, &r)
	return time.Duration(unix.TimevalToNsec(r.Utime)), time.Duration(unix.TimevalToNsec(r.Stime))
}

// BenchmarkLive reads packets of 512 bytes from a veth pair as fast as they are
// sent, and gives the reading thread's processor time of a packet. Every
// packet's header is looked at, as decoding would.
func BenchmarkLive(b *testing.B) {
	for _, method := range methods {
		b.Run(method, func(b *testing.B) {
			here, there := pair(b)
			s, err := Open(Config{Interface: here, Method: method})
			if err != nil {
				b.Fatal(err)
			}
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			done := make(chan struct{})
			b.ResetTimer()
			go func() {
				defer close(done)
				blast(b, newSender(b, there), [][]byte{frame(1, 53, 0, 470)}, b.N)
			}()
			user, system := processor()
			var batch core.Batch
			got, sum := 0, byte(0)
			for quiet := false; !quiet; {
				if s.Next(&batch) != nil {
					break
				}
				for i := range batch.Frames {
					sum += batch.Frames[i].Data[23]
				}
				got += len(batch.Frames)
				if len(batch.Frames) == 0 {
					select {
					case <-done:
						quiet = true
					default:
					}
				}
			}
			u, k := processor()
			c := s.Counters()
			b.ReportMetric(float64(u-user)/float64(max(got, 1)), "user-ns/packet")
			b.ReportMetric(float64(k-system)/float64(max(got, 1)), "kernel-ns/packet")
			b.ReportMetric(100*float64(c.Dropped)/float64(max(c.Received, 1)), "%lost")
			_ = s.Close()
			finish(s)
		})
	}
}
