package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"netifyd/core/config"
	"netifyd/core/file"
)

// newUUID is four pairs of digits and capitals, "IJ-LG-UP-RV", as netifyd
// makes them. It reads the kernel's generator itself: crypto/rand would link a
// generator of its own, with 60 KB of code and 32 MB of address space.
func newUUID() (string, error) {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	f, err := os.Open("/dev/urandom")
	if err != nil {
		return "", fmt.Errorf("no random numbers for an identifier: %w", err)
	}
	defer f.Close()
	var b [8]byte
	if _, err := io.ReadFull(f, b[:]); err != nil {
		return "", fmt.Errorf("no random numbers for an identifier: %w", err)
	}
	out := make([]byte, 0, 11)
	for i, c := range b {
		if i > 0 && i%2 == 0 {
			out = append(out, '-')
		}
		out = append(out, letters[int(c)%len(letters)])
	}
	return string(out), nil
}

// uuid shows the agent's identifier, or makes a new one. Where there is none
// yet, it is made.
func uuid(cfg *config.Config, anew bool) error {
	text, err := file.Read(cfg.UUIDPath, 1<<10)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the identifier in %s: %w", cfg.UUIDPath, err)
	}
	id := strings.TrimSpace(string(text))
	if anew || id == "" {
		if id, err = newUUID(); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(cfg.UUIDPath), 0o755); err != nil {
			return fmt.Errorf("the identifier cannot be kept, sudo netifyd -u makes it: %w", err)
		}
		if err := file.Replace(cfg.UUIDPath, []byte(id+"\n"), 0o644); err != nil {
			return fmt.Errorf("the identifier cannot be kept, sudo netifyd -u makes it: %w", err)
		}
	}
	fmt.Println(id)
	return nil
}
