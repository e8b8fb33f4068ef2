package file

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A pipe without a writer would make who opens it wait for ever; a device never ends.
func TestOpenIsForRegularFiles(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, "/dev/zero", t.TempDir(), filepath.Join(t.TempDir(), "absent")} {
		ended := make(chan error, 1)
		go func() {
			f, err := Open(path)
			if err == nil {
				f.Close()
			}
			ended <- err
		}()
		select {
		case err := <-ended:
			if err == nil {
				t.Errorf("%s was opened", path)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s is waited for", path)
		}
	}
}
