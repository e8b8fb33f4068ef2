//go:build !linux

package main

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"netifyd/core/config"
)

// dropPrivileges becomes the configured user. The open capture stays usable.
func dropPrivileges(cfg *config.Config, _ bool) error {
	if cfg.User == "" {
		return nil
	}
	u, err := user.Lookup(cfg.User)
	if err != nil {
		return fmt.Errorf("user %q: %w", cfg.User, err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := giveDirectory(cfg, uid, gid); err != nil {
		fmt.Fprintln(os.Stderr, "netifyd:", err)
	}
	if err := syscall.Setgroups([]int{gid}); err != nil {
		return err
	}
	if err := syscall.Setgid(gid); err != nil {
		return err
	}
	return syscall.Setuid(uid)
}
