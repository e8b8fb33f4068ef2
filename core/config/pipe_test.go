//go:build unix

package config

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A configuration may come through a pipe, but nobody waits for one for ever.
func TestPipe(t *testing.T) {
	read := func(write func(path string)) (text string, err error) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		go write(path)
		ended := make(chan struct{})
		go func() {
			text, err = ReadFile(path)
			close(ended)
		}()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatal("the pipe is waited for")
		}
		return text, err
	}
	done := make(chan struct{})
	defer close(done)
	if text, err := read(func(path string) { _ = os.WriteFile(path, []byte("[agent]\n"), 0) }); err != nil || text != "[agent]\n" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := read(func(string) {}); err == nil || !strings.Contains(err.Error(), "a pipe that nobody writes to its end") {
		t.Error(err)
	}
	_, err := read(func(path string) {
		if f, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			_, _ = f.WriteString("[agent]\n")
			<-done
			f.Close()
		}
	})
	if err == nil || !strings.Contains(err.Error(), "a pipe that nobody writes to its end") {
		t.Error(err)
	}
}
