package engine

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"netifyd/core/config"
	"netifyd/core/file"
	"netifyd/core/usage"
)

// places are where the history is where the configuration names none: what the
// packages of OpenWrt, Debian and FreeBSD make.
var places = []string{"/etc/netifyd/usage", "/var/lib/netifyd", "/var/db/netifyd"}

// HistoryDir is the directory that the history of a configuration goes to, and
// how many bytes are free there. Empty: it stays in memory.
func HistoryDir(u *config.UsageOptions) (dir string, free uint64) {
	if u.SizeKB == 0 || u.Directory == "none" {
		return "", 0
	}
	if dir = u.Directory; dir == "" {
		for _, p := range places {
			if s, err := os.Stat(p); err == nil && s.IsDir() {
				dir = p
				break
			}
		}
	}
	if dir == "" {
		return "", 0
	}
	return dir, freeOf(dir)
}

// leastFree is the room on a disk below which nothing is written to it.
const leastFree = 1 << 20

// inMemory is how much history an agent keeps that may not write.
const inMemory = 64 << 10

// place finds where the history goes, and how much of it.
func (e *Engine) place(u *config.UsageOptions) (usage.System, usage.Keep) {
	keep := usage.Keep{Bytes: u.SizeKB << 10, Days: u.Days, Periods: u.Months}
	dir, err := u.Directory, error(nil)
	wished := u.SizeKB == 0 || dir == "none" || dir == "" && floorOf(e.cfg) == 0
	switch {
	case wished:
		dir = ""
	case dir == "":
		for _, p := range places {
			if s, err := os.Stat(p); err == nil && s.IsDir() {
				dir = p
				break
			}
		}
		if dir == "/var/lib/netifyd" || dir == "/var/db/netifyd" { // the packages' own directory, shared
			dir = filepath.Join(dir, "usage")
			err = os.MkdirAll(dir, 0o750)
		}
	default:
		err = os.MkdirAll(dir, 0o750)
	}
	if dir != "" && err == nil {
		free := freeOf(dir)
		if keep.Bytes = int(min(uint64(keep.Bytes), free/8)); free < leastFree {
			err = errors.New("less than 1 MiB is free there")
		}
	}
	if err != nil {
		e.log.Warn().Err(err).Str("directory", dir).Msg("history is kept in memory only")
		dir = ""
	}
	if err == nil && dir != "" {
		e.giveAway(dir)
	}
	e.keeper.lost.Store(dir == "" && !wished)
	e.keeper.dir = dir
	if dir == "" {
		keep.Bytes = inMemory
		return new(usage.Memory), keep
	}
	return usage.Directory(dir), keep
}

// keepNow is how much history is kept from now on. Where it is, the start says;
// a disk that has no room at the moment takes nothing away of what is there.
func (e *Engine) keepNow(u *config.UsageOptions) usage.Keep {
	keep := usage.Keep{Bytes: u.SizeKB << 10, Days: u.Days, Periods: u.Months}
	if e.keeper.dir == "" {
		keep.Bytes = inMemory
		return keep
	}
	keep.Bytes = min(keep.Bytes, max(e.keeper.history.Stats().Bytes, int(min(freeOf(e.keeper.dir)/8, 1<<30))))
	return keep
}

// stopWriting keeps the history in memory from now on, as usage.size = 0 wants
// it: what is on the disk stays there. A start that finds another size goes on with that.
func (e *Engine) stopWriting(u *config.UsageOptions) {
	err := e.keeper.history.ToMemory(usage.Keep{Bytes: inMemory, Days: u.Days, Periods: u.Months})
	if err != nil {
		e.log.Warn().Err(err).Str("directory", e.keeper.dir).Msg("history could not be taken into memory: it is written on")
		return
	}
	e.log.Info().Str("directory", e.keeper.dir).Msg("history is kept in memory from now on, what is there stays as it is")
	e.keeper.dir = ""
	e.pauses.stopWriting()
}

// giveAway gives the directory of the history, and its files, to the user that
// the agent will become, unless it is one of the system.
func (e *Engine) giveAway(dir string) {
	if os.Geteuid() != 0 || e.cfg.User == "" {
		return
	}
	u, err := user.Lookup(e.cfg.User)
	if err != nil {
		return // the start says so when it becomes that user
	}
	id, err := strconv.Atoi(u.Uid)
	if err != nil {
		return
	}
	mine := func(name string) bool { return usage.IsFile(name) || strings.TrimSuffix(name, ".new") == pausesName }
	if err := file.Give(dir, id, -1, mine); err != nil {
		e.log.Warn().Err(err).Str("directory", dir).Msg("history may not be written there by " + e.cfg.User + ": name a directory of the agent's own as usage.directory")
	}
}

// commit writes the history.
func (e *Engine) commit(now time.Time) error {
	k := &e.keeper
	e.usage.Devices.FoldRandom(e.usageTime())
	was := k.history.Stats().Error
	err := k.history.Commit(e.usage)
	if err == nil {
		k.committed = now
		if b, changed := k.seen.Bits(); changed {
			err = k.history.Put(usage.SeenName, b)
		}
	}
	switch {
	case err != nil && was == "":
		e.log.Warn().Err(err).Msg("history was not written; it is kept in memory and tried again")
	case err == nil && was != "":
		e.log.Info().Msg("history is written again")
	}
	return err
}

// History is what was used before this hour; nil where usage.enabled is false.
func (e *Engine) History() *usage.History { return e.keeper.history }

// CommitUsage writes the history now, this hour included. Anybody may call it.
func (e *Engine) CommitUsage() (err error) {
	if e.usage == nil {
		return errors.New("usage.enabled is false: nothing is counted")
	}
	if !e.Do(func() { e.usage.Flush(); err = e.commit(time.Now()) }) {
		return errors.New("the agent is ending")
	}
	return err
}

// ResetUsage forgets everything that was used; devices and their names stay. Anybody may call it.
func (e *Engine) ResetUsage() (err error) {
	if e.usage == nil {
		return errors.New("usage.enabled is false: nothing is counted")
	}
	if !e.Do(func() { e.usage.Reset(); err = e.keeper.history.Reset() }) {
		return errors.New("the agent is ending")
	}
	return err
}

// History is House's.
func (h *house) History() *usage.History {
	if h.e == nil {
		return nil
	}
	return h.e.History()
}

var errReplay = errors.New("this is a replay: nothing is kept")

// CommitUsage is House's.
func (h *house) CommitUsage() error {
	if h.e == nil {
		return errReplay
	}
	return h.e.CommitUsage()
}

// ResetUsage is House's.
func (h *house) ResetUsage() error {
	if h.e == nil {
		return errReplay
	}
	return h.e.ResetUsage()
}
