package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"netifyd/core/calendar"
	"netifyd/core/config"
	"netifyd/core/usage"
)

// A reload while the disk is full takes nothing away of the history that is on
// it. One that makes the history smaller does.
func TestReloadOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skip("needs root to mount a small disk: ", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	const have = 150 << 10
	if err := os.WriteFile(filepath.Join(dir, "hours"), make([]byte, have), 0o640); err != nil {
		t.Fatal(err)
	}
	clock, err := calendar.NewClock("UTC0", "1")
	if err != nil {
		t.Fatal(err)
	}
	e := &Engine{cfg: config.Default()}
	u := &e.cfg.Usage
	e.keeper.dir = dir
	e.keeper.history, _ = usage.OpenHistory(usage.Directory(dir), clock, usage.Keep{Bytes: u.SizeKB << 10})
	if got, want := e.keepNow(u).Bytes, int(freeOf(dir)/8); got != want || got < have {
		t.Errorf("%d bytes are kept, an eighth of what is free is %d", got, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "fill"), bytes.Repeat([]byte{1}, 4<<20), 0o640); err == nil || freeOf(dir) != 0 {
		t.Fatalf("%d bytes are free, %v", freeOf(dir), err)
	}
	if got := e.keepNow(u).Bytes; got != have {
		t.Errorf("%d bytes of %d are kept on a full disk", got, have)
	}
	u.SizeKB = 64
	if got := e.keepNow(u).Bytes; got != 64<<10 {
		t.Errorf("%d bytes are kept where 64 KiB are wished", got)
	}
}
