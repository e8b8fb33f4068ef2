//go:build !linux

package main

// monotonic is asked by systemd only, which is Linux only.
func monotonic() int64 { return 0 }
