package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// sizes prints the bytes of every binary, also compressed with xz -9 (what a
// squashfs costs), and of its ipk, and fails where a budget is exceeded.
func (j *job) sizes() error {
	fmt.Printf("%-16s %9s %9s %9s %9s %9s\n", "target", "binary", "budget", "xz -9", "ipk", "budget")
	over := false
	for i := range j.targets {
		t := &j.targets[i]
		b, err := os.ReadFile(j.binary(t))
		if err != nil {
			return fmt.Errorf("%w: run make cross first", err)
		}
		row := fmt.Sprintf("%-16s %9d %9s %9s", t.Name, len(b), dash(t.MaxBinary), dash(squeezed(b)))
		ipk := int64(0)
		if len(t.OpenWrt) > 0 {
			if found, _ := filepath.Glob(filepath.Join(j.feed(t.OpenWrt[0]), t.Package()+"_*.ipk")); len(found) == 1 {
				if info, err := os.Stat(found[0]); err == nil {
					ipk = info.Size()
				}
			}
		}
		row += fmt.Sprintf(" %9s %9s", dash(ipk), dash(t.MaxPackage))
		if int64(len(b)) > t.MaxBinary && t.MaxBinary > 0 || ipk > t.MaxPackage && t.MaxPackage > 0 {
			row, over = row+"  over its budget", true
		}
		fmt.Println(row)
	}
	ctlOver, err := j.companionSizes()
	if err != nil {
		return err
	}
	j.otherSizes()
	if over || ctlOver {
		return errors.New("a budget of cross/targets.tsv is exceeded: save bytes, or raise it there and say why")
	}
	return nil
}

// companionSizes does the same for netifyctl.
func (j *job) companionSizes() (over bool, err error) {
	fmt.Printf("%-16s %9s %9s %9s %9s %9s\n", "netifyctl", "binary", "budget", "xz -9", "ipk", "budget")
	for i := range j.targets {
		t := &j.targets[i]
		if t.MaxCompanion == 0 {
			continue
		}
		b, err := os.ReadFile(j.companion(t, isServer(t)))
		if err != nil {
			return false, fmt.Errorf("%w: run make cross first", err)
		}
		ipk := int64(0)
		if isRouter(t) {
			if found, _ := filepath.Glob(filepath.Join(j.feed(t.OpenWrt[0]), "netifyctl_*.ipk")); len(found) == 1 {
				if info, err := os.Stat(found[0]); err == nil {
					ipk = info.Size()
				}
			}
		}
		row := fmt.Sprintf("%-16s %9d %9s %9s %9s %9s", t.Name, len(b), dash(t.MaxCompanion), dash(squeezed(b)), dash(ipk), dash(t.MaxCompanionPackage))
		if int64(len(b)) > t.MaxCompanion || ipk > t.MaxCompanionPackage && t.MaxCompanionPackage > 0 {
			row, over = row+"  over its budget", true
		}
		fmt.Println(row)
	}
	return over, nil
}

// otherSizes prints the packages for the systems that have room.
func (j *job) otherSizes() {
	for _, pattern := range []string{"debian/*.deb", "freebsd/*/*.pkg"} {
		found, _ := filepath.Glob(filepath.Join(j.out, "packages", pattern))
		for _, path := range found {
			if info, err := os.Stat(path); err == nil {
				fmt.Printf("%9d  %s\n", info.Size(), path)
			}
		}
	}
}

// squeezed is the bytes after xz -9; 0 where there is no xz.
func squeezed(b []byte) int64 {
	c := exec.Command("xz", "-9", "-c")
	c.Stdin = bytes.NewReader(b)
	out, err := c.Output()
	if err != nil {
		return 0
	}
	return int64(len(out))
}

func dash(n int64) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}
