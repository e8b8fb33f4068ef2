package file

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// Give gives a directory of this process's own, and the regular files in it, to
// a user and a group; -1 leaves the group. A directory that holds files of other
// names than mine stays, since it is the system's; so does one that others own
// or may write to, or that a link leads to. The error says why. In a directory
// that is the user's already only files change their owner.
func Give(dir string, uid, gid int, mine func(name string) bool) error {
	d, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return errors.New("it is no directory, or a link")
	}
	defer d.Close()
	info, err := d.Stat()
	if err != nil {
		return err
	}
	st := info.Sys().(*syscall.Stat_t)
	given := int(st.Uid) == uid
	if !given && (int(st.Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0) {
		return errors.New("others own it or may write there")
	}
	names, err := d.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !given && !mine(name) {
			return errors.New("it holds more than the agent's files, such as " + name)
		}
	}
	for _, name := range names {
		if mine(name) {
			if err := giveFile(filepath.Join(dir, name), uid, gid); err != nil {
				return err
			}
		}
	}
	return d.Chown(uid, gid)
}

// giveFile gives a regular file that has no other name: whoever may write to the
// directory may have laid a link there to a file of the system.
func giveFile(path string, uid, gid int) error {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil // a link, or a socket
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	// By its name, after it was opened: a name taken away in between deceives nobody.
	now, err := os.Lstat(path)
	if err != nil || !os.SameFile(info, now) || now.Sys().(*syscall.Stat_t).Nlink != 1 {
		return nil
	}
	return f.Chown(uid, gid)
}
