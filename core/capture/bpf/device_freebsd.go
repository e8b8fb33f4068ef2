package bpf

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/capture/filter"
)

// device is one open /dev/bpf, bound to an interface.
type device struct {
	file   *os.File
	raw    syscall.RawConn
	buffer []byte // as large as the kernel's: a read of any other size is refused
	link   core.LinkType
	recv   uint32 // the kernel's counters when last asked
	drop   uint32
	ended  bool // no more packets come, and a read does not wait; of Next alone

	corrupt atomic.Uint64 // buffers with a length that led out of them, since it was last asked
}

// end lets reads wait no more: they give what the kernel still has, also of an
// interface that is gone, and then an error.
func (d *device) end() {
	if d.ended {
		return
	}
	d.ended = true
	d.hush()
	_ = d.raw.Control(func(fd uintptr) { _ = unix.SetNonblock(int(fd), true) })
}

// hush lets the kernel take no more packets, and keep those that it has.
func (d *device) hush() {
	none := unix.BpfInsn{Code: unix.BPF_RET | unix.BPF_K}
	_ = d.raw.Control(func(fd uintptr) {
		_ = control(int(fd), unix.BIOCSETFNR, unsafe.Pointer(&unix.BpfProgram{Len: 1, Insns: &none}))
	})
}

// renamed says whether the interface has another name now. Nothing tells of it.
func (d *device) renamed(name string) bool {
	var request struct {
		name [unix.IFNAMSIZ]byte
		_    [16]byte
	}
	var err error
	_ = d.raw.Control(func(fd uintptr) { err = control(int(fd), unix.BIOCGETIF, unsafe.Pointer(&request)) })
	return err == nil && unix.ByteSliceToString(request.name[:]) != name
}

// control is an ioctl with a pointer.
func control(fd int, request uint, arg unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(arg)); errno != 0 {
		return errno
	}
	return nil
}

// openAny opens the cloning device, or the first free of the numbered ones.
func openAny() (int, error) {
	open := func(path string) (int, error) { return unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0) }
	fd, err := open("/dev/bpf")
	for i := 0; errors.Is(err, unix.ENOENT) && i < 1 || errors.Is(err, unix.EBUSY) && i < 256; i++ {
		fd, err = open(fmt.Sprintf("/dev/bpf%d", i))
	}
	return fd, err
}

// openDevice binds to the interface before it knows its link type and so its
// filter; setting the filter empties the kernel's buffers, so that nothing
// unfiltered is read.
func openDevice(c *Config) (_ *device, err error) {
	fd, err := openAny()
	if err != nil {
		return nil, fmt.Errorf("/dev/bpf: %w", err)
	}
	defer func() {
		if err != nil {
			_ = unix.Close(fd)
		}
	}()
	size := uint32(c.BufferBytes)
	stamp := uint32(unix.BPF_T_NANOTIME)
	wait := unix.NsecToTimeval(int64(c.Timeout))
	var request struct {
		name [unix.IFNAMSIZ]byte
		_    [16]byte
	}
	copy(request.name[:], c.Interface)
	var link uint32
	for _, step := range []struct {
		what    string
		request uint
		arg     unsafe.Pointer
	}{
		{"buffer size", unix.BIOCSBLEN, unsafe.Pointer(&size)},
		{"nanoseconds", unix.BIOCSTSTAMP, unsafe.Pointer(&stamp)},
		{"timeout", unix.BIOCSRTIMEOUT, unsafe.Pointer(&wait)},
		{"interface", unix.BIOCSETIF, unsafe.Pointer(&request)},
		{"link type", unix.BIOCGDLT, unsafe.Pointer(&link)},
	} {
		if err := control(fd, step.request, step.arg); err != nil {
			return nil, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if c.Promiscuous {
		if err := control(fd, unix.BIOCPROMISC, nil); err != nil && !errors.Is(err, unix.EOPNOTSUPP) {
			return nil, fmt.Errorf("promiscuous mode: %w", err)
		}
	}
	d := &device{buffer: make([]byte, size), link: core.LinkType(link)}
	if err := attach(fd, c, d.link); err != nil {
		return nil, err
	}
	// Left blocking: the kernel's timeout then ends a read on an idle line.
	d.file = os.NewFile(uintptr(fd), "bpf:"+c.Interface)
	d.raw, err = d.file.SyscallConn()
	return d, err
}

func attach(fd int, c *Config, link core.LinkType) error {
	program, err := filter.Compile(c.Filter, filter.Options{Link: link, SnapLength: c.SnapLength})
	var bad *filter.Error
	if errors.As(err, &bad) && c.Filter == "" {
		return fmt.Errorf("link type %d is not supported: %w", link, unix.EOPNOTSUPP)
	}
	if err != nil {
		return fmt.Errorf("filter %q: %w", c.Filter, err)
	}
	code := make([]unix.BpfInsn, len(program))
	for i, in := range program {
		code[i] = unix.BpfInsn{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	p := unix.BpfProgram{Len: uint32(len(code)), Insns: &code[0]}
	if err := control(fd, unix.BIOCSETF, unsafe.Pointer(&p)); err != nil {
		return fmt.Errorf("filter of %d instructions refused by the kernel (net.bpf.maxinsns): %w", len(code), err)
	}
	return nil
}

// counters since they were last asked for. The kernel's count in 32 bits, and wrap.
func (d *device) counters() (c core.Counters) {
	_ = d.raw.Control(func(fd uintptr) {
		var s unix.BpfStat
		if control(int(fd), unix.BIOCGSTATS, unsafe.Pointer(&s)) == nil {
			c.Received, c.Dropped = uint64(s.Recv-d.recv), uint64(s.Drop-d.drop)
			d.recv, d.drop = s.Recv, s.Drop
			c.Corrupt = d.corrupt.Swap(0)
		}
	})
	return c
}

// explain turns the error of opening into one that says what to do.
func explain(c *Config, err error) error {
	switch {
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return fmt.Errorf("/dev/bpf not permitted: run as root or allow it in devfs.rules(5): %w", err)
	case errors.Is(err, unix.ENXIO):
		return fmt.Errorf("no interface %q: ifconfig -l lists what there is: %w", c.Interface, err)
	case errors.Is(err, unix.ENOENT):
		return fmt.Errorf("no /dev/bpf: the kernel needs device bpf, a jail a devfs ruleset that shows it: %w", err)
	}
	return fmt.Errorf("capture on %s: %w", c.Interface, err)
}
