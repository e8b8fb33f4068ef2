//go:build !linux

package main

import (
	"os"

	"netifyd/core/config"
)

// checkKernel looks at what capture needs.
func checkKernel(*config.Config) []finding {
	f, err := os.OpenFile("/dev/bpf", os.O_RDWR, 0)
	if err != nil {
		return []finding{{"capture", false, err.Error(), "run as root, or let devfs give the user /dev/bpf"}}
	}
	f.Close()
	return []finding{{"capture", true, "/dev/bpf can be opened", ""}}
}
