package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"netifyd/core/config"
	"netifyd/core/file"
)

// A running agent holds a lock on its volatile directory, which the kernel
// takes away when it ends in whatever way: so nobody is told that an agent
// runs which crashed, and a PID that another process has now deceives nobody.

// holdDirectory takes the lock. It is held until the file is closed.
func holdDirectory(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: another agent runs here: %w", dir, err)
	}
	return f, nil
}

// held says whether a running agent has the directory; not where this user
// cannot look.
func held(dir string) bool { return asked(dir) == syscall.EWOULDBLOCK }

// left says that no running agent has the directory, which is there.
func left(dir string) bool { return asked(dir) == nil }

func asked(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
}

// lastSeen says that no agent runs, and since when.
func lastSeen(dir string) string {
	path := filepath.Join(dir, "status.json")
	info, err := os.Stat(path)
	if err != nil {
		return "not running"
	}
	last := info.ModTime() // for those who may not read it
	var st struct{ Timestamp int64 }
	if text, err := file.Read(path, statusMost); err == nil && json.Unmarshal(text, &st) == nil && st.Timestamp > 0 {
		last = time.Unix(st.Timestamp, 0)
	}
	return notRunning(last)
}

// statusMost is more than a status.json has, in bytes. Who writes there may be
// somebody else than who reads.
const statusMost = 1 << 20

func notRunning(last time.Time) string {
	return "not running since " + last.Format(time.DateTime) + ", when it wrote its last status"
}

// status says how the running agent does, from the file that it writes each
// interval. The figures of an agent that ended are not told.
func status(cfg *config.Config) error {
	path := filepath.Join(cfg.VolatileDir, "status.json")
	running := held(cfg.VolatileDir)
	text, err := file.Read(path, statusMost)
	switch {
	case errors.Is(err, fs.ErrNotExist) && running:
		fmt.Printf("running, the first figures come within %s\n", cfg.UpdateInterval)
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("not running: there is no %s", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: you may not read it, root and members of the agent's group may: sudo usermod -aG netifyd USER, and log in anew", path)
	case err != nil:
		return err
	}
	var st map[string]any
	if err := json.Unmarshal(text, &st); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	seconds, _ := st["timestamp"].(float64)
	last := time.Unix(int64(seconds), 0)
	if !running {
		return errors.New(notRunning(last))
	}
	if age := time.Since(last); age > 3*cfg.UpdateInterval {
		fmt.Fprintf(os.Stderr, "netifyd: these figures are %s old: the agent runs, but it wrote none since\n", age.Round(time.Second))
	}
	keys := make([]string, 0, len(st))
	for k := range st {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		v, _ := json.Marshal(st[k])
		fmt.Printf("%-20s %s\n", k, v)
	}
	return nil
}
