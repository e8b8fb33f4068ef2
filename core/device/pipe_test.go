package device

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Files of names may be anything that stands where they are: a pipe or a device
// says nothing, and is not waited for.
func TestNamesOfNoFiles(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "hosts")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ended := make(chan int, 1)
	go func() { ended <- len(readKnown(readKnown(nil, pipe), "/dev/zero")) }()
	select {
	case n := <-ended:
		if n != 0 {
			t.Errorf("%d names", n)
		}
	case <-time.After(time.Minute):
		t.Fatal("a pipe is waited for")
	}
}
