package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"netifyd/core/config"
	"netifyd/core/file"
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
	own := []string{config.PIDFile, "daemon.pid", config.StatusFile, config.StatusFile + ".new", config.ControlSocket}
	for i := range cfg.Listeners {
		own = append(own, filepath.Base(cfg.Listeners[i].Path))
	}
	if err := file.Give(cfg.VolatileDir, uid, gid, func(name string) bool { return slices.Contains(own, name) }); err != nil {
		return stays(err.Error())
	}
	return nil
}
