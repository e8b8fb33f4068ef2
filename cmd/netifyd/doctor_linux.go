package main

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"netifyd/core/config"
)

// checkKernel looks at what capture, counters of offloaded flows and the shunt need.
func checkKernel(c *config.Config) []finding {
	return []finding{checkPacketSocket(), checkBPF(c), checkConntrack(), checkAccounting(), checkOffload()}
}

func checkPacketSocket() finding {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	switch {
	case err == nil:
		unix.Close(fd)
		return finding{"capture", true, "AF_PACKET sockets are permitted", ""}
	case errors.Is(err, unix.EPERM):
		return finding{"capture", false, "AF_PACKET is not permitted to this user", "run as root, or grant CAP_NET_RAW"}
	case errors.Is(err, unix.EAFNOSUPPORT):
		return finding{"capture", false, "the kernel has no AF_PACKET", "build it with CONFIG_PACKET, on OpenWrt it is built in"}
	}
	return finding{"capture", false, "AF_PACKET: " + err.Error(), ""}
}

func checkBPF(c *config.Config) finding {
	if !c.Capture.Shunt {
		return finding{"shunt", true, "is off by capture.shunt", ""}
	}
	switch _, _, errno := unix.Syscall(unix.SYS_BPF, 0, 0, 0); errno { // a map of nothing
	case unix.ENOSYS:
		return finding{"shunt", false, "the kernel has no bpf system call: packets of long flows are copied", "CONFIG_BPF_SYSCALL; without it everything works, at a higher cost"}
	case unix.EPERM:
		return finding{"shunt", true, "bpf is there for who has CAP_BPF, as the service has", ""}
	}
	return finding{"shunt", true, "bpf is there", ""}
}

func checkConntrack() finding {
	f, err := os.Open("/proc/net/nf_conntrack")
	if err == nil {
		f.Close()
		return finding{"conntrack", true, "the connection table can be read", ""}
	}
	if errors.Is(err, os.ErrPermission) {
		return finding{"conntrack", false, "this user may not read the connection table", "run as root; the service opens it before it gives up its rights"}
	}
	return finding{"conntrack", true, "no connection table in /proc: nothing is offloaded here, or the kernel tells it by netlink only", ""}
}

func checkAccounting() finding {
	text, err := os.ReadFile("/proc/sys/net/netfilter/nf_conntrack_acct")
	if err != nil {
		return finding{"accounting", true, "no connection tracking here", ""}
	}
	if strings.TrimSpace(string(text)) == "1" {
		return finding{"accounting", true, "connections are counted", ""}
	}
	return finding{"accounting", !flowTable(), "connections are not counted: bytes of offloaded flows would not be known", "sysctl -w net.netfilter.nf_conntrack_acct=1"}
}

// flowTable says that the kernel has what it offloads flows with.
func flowTable() bool {
	text, err := os.ReadFile("/proc/modules")
	return err == nil && strings.Contains(string(text), "nf_flow_table ")
}

func checkOffload() finding {
	if flowTable() {
		return finding{"offload", true, "the kernel can offload flows; netifyd status says whether it does", ""}
	}
	return finding{"offload", true, "no flow offload", ""}
}
