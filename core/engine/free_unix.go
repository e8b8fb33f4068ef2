//go:build unix

package engine

import "syscall"

// freeOf is how many bytes are free for us where a directory is.
func freeOf(dir string) uint64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0
	}
	return uint64(max(0, int64(s.Bavail))) * uint64(s.Bsize)
}
