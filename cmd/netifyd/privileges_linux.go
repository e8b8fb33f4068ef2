package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"netifyd/core/action"
	"netifyd/core/config"
)

// kept are the capabilities that stay: NET_RAW for capture, also later when an
// interface comes back; NET_ADMIN to ask the kernel's connection table, and to
// write into sets, labels and marks. Where neither is done it goes.
var kept uint32 = 1<<unix.CAP_NET_RAW | 1<<unix.CAP_NET_ADMIN

// keep sets what is kept.
func keep(cfg *config.Config, noConntrack bool) {
	if noConntrack && !action.Wanted(cfg) {
		kept = 1 << unix.CAP_NET_RAW
	}
}

// dropPrivileges gives up every capability but kept, and becomes the
// configured user. It is called once the sockets are open, and the programs and
// maps in the kernel are made, for which CAP_BPF may have been granted. A process
// without privileges has nothing to give up.
func dropPrivileges(cfg *config.Config, noConntrack bool) error {
	keep(cfg, noConntrack)
	if os.Geteuid() != 0 && (cfg.User == "" && cfg.Group == "" || already(cfg)) {
		if err := limit(); err != nil && !errors.Is(err, unix.ENOTSUP) { // a build with cgo cannot
			return err
		}
		return nil
	}
	if err := every(unix.PR_SET_NO_NEW_PRIVS, 1, 0); err == unix.ENOTSUP {
		return errors.New("this build has cgo and cannot give up privileges: build it with make build or CGO_ENABLED=0; or set no user, and start it without root but with CAP_NET_RAW and CAP_NET_ADMIN")
	} else if err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		if kept>>c&1 == 0 {
			_ = every(unix.PR_CAPBSET_DROP, c, 0) // an older kernel does not know them all
		}
	}
	if cfg.User != "" || cfg.Group != "" {
		if err := become(cfg); err != nil {
			return err
		}
	}
	return limit()
}

// already says that a supervisor has made the process what it is to become.
func already(cfg *config.Config) bool {
	if cfg.User != "" {
		if u, err := user.Lookup(cfg.User); err != nil || u.Uid != strconv.Itoa(os.Geteuid()) {
			return false
		}
	}
	if cfg.Group == "" {
		return true
	}
	g, err := user.LookupGroup(cfg.Group)
	return err == nil && g.Gid == strconv.Itoa(os.Getegid())
}

// every calls prctl on every thread of the process.
func every(option, a, b uintptr) error {
	if _, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, option, a, b, 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// become changes user and group and keeps the permitted capabilities meanwhile.
func become(cfg *config.Config) error {
	uid, gid := os.Getuid(), os.Getgid()
	if cfg.User != "" {
		u, err := user.Lookup(cfg.User)
		if err != nil {
			return fmt.Errorf("user %q: %w: make it, or set another in the configuration", cfg.User, err)
		}
		uid, _ = strconv.Atoi(u.Uid)
		gid, _ = strconv.Atoi(u.Gid)
	}
	if cfg.Group != "" {
		g, err := user.LookupGroup(cfg.Group)
		if err != nil {
			return fmt.Errorf("group %q: %w: make it, or set another in the configuration", cfg.Group, err)
		}
		gid, _ = strconv.Atoi(g.Gid)
	}
	// The files that the agent writes later belong to whom it becomes.
	if err := giveDirectory(cfg, uid, gid); err != nil {
		fmt.Fprintln(os.Stderr, "netifyd:", err)
	}
	if err := every(unix.PR_SET_KEEPCAPS, 1, 0); err != nil {
		return fmt.Errorf("keep capabilities: %w", err)
	}
	for _, step := range []func() error{
		func() error { return syscall.Setgroups([]int{gid}) },
		func() error { return syscall.Setresgid(gid, gid, gid) },
		func() error { return syscall.Setresuid(uid, uid, uid) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("become user %d, group %d: %w", uid, gid, err)
		}
	}
	return nil
}

// limit cuts the capabilities of every thread to kept.
func limit() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var now [2]unix.CapUserData
	if err := unix.Capget(&header, &now[0]); err != nil {
		return fmt.Errorf("capabilities: %w", err)
	}
	have := now[0].Permitted & kept
	if now[0].Permitted == have && now[0].Effective == have && now[1].Permitted == 0 {
		return nil
	}
	return capset(have)
}
