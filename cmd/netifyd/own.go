package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"netifyd/core/config"
)

// giveDirectory gives the volatile directory to whom the agent becomes, so that
// it can write there later. Only a directory of the agent's own is given away,
// never one of the system that the configuration happens to name, nor one that
// a link leads to. The error says why it stays as it is.
func giveDirectory(cfg *config.Config, uid, gid int) error {
	stays := func(why string) error {
		return fmt.Errorf("%s stays as it is, since %s: status.json may not be written there; make a directory for the agent alone, that belongs to its user, and set agent.volatile_dir", cfg.VolatileDir, why)
	}
	if err := os.MkdirAll(cfg.VolatileDir, 0o755); err != nil {
		return stays("it cannot be made")
	}
	d, err := os.OpenFile(cfg.VolatileDir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return stays("it is no directory, or a link")
	}
	defer d.Close()
	info, err := d.Stat()
	if err != nil {
		return err
	}
	st := info.Sys().(*syscall.Stat_t)
	switch {
	case int(st.Uid) == uid:
		return nil
	case int(st.Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0:
		return stays("others own it or may write there")
	}
	own := []string{"netifyd.pid", "daemon.pid", "status.json", "status.json.new", config.ControlSocket}
	for i := range cfg.Listeners {
		own = append(own, filepath.Base(cfg.Listeners[i].Path))
	}
	names, err := d.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains(own, name) {
			return stays("it holds more than the agent's files, such as " + name)
		}
	}
	return d.Chown(uid, gid)
}
