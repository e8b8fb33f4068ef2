// Package file reads and replaces files as a whole, also where others may write to their directory.
package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Read is the whole of a regular file of at most so many bytes. All else, such
// as a pipe or a device, which may block or never end, is an error. An error
// names the path only if it is an *fs.PathError.
func Read(path string, most int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1)) // it may grow meanwhile
	if err == nil && int64(len(b)) > most {
		return nil, fmt.Errorf("it is larger than %d bytes", most)
	}
	return b, err
}

// Open opens a regular file to read, and nothing else, as Read does.
func Open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // else a pipe waits here for a writer
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Replace writes a file as a whole: a reader finds the old or the new one. It
// is written beside the old one, under a name that must not be there yet, so
// that no link that somebody else has laid is ever followed.
func Replace(path string, b []byte, mode fs.FileMode) error {
	beside := path + ".new"
	f, err := create(beside, mode)
	if errors.Is(err, fs.ErrExist) { // left by an agent that was killed, or laid by somebody
		if err = os.Remove(beside); err == nil {
			f, err = create(beside, mode)
		}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(beside, path)
	}
	if err != nil {
		os.Remove(beside) // a full file system keeps an empty file
	}
	return err
}

// Append opens a file of this process's own to write at its end, and makes it
// where there is none. What somebody else laid there, such as a link to another
// file or a pipe, is an error, which names the path.
func Append(path string, mode fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, mode)
	if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EMLINK) { // FreeBSD says the latter
		return nil, fmt.Errorf("%s is a link: remove it", path)
	}
	if err != nil {
		return nil, err
	}
	if err := own(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s %w: remove it", path, err)
	}
	return f, nil
}

// own says what an open file has that no file of this process's own has.
func own(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	st := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.Mode().IsRegular():
		return errors.New("is no regular file")
	case st.Nlink > 1:
		return errors.New("has another name somewhere")
	case int(st.Uid) != os.Geteuid():
		return errors.New("belongs to somebody else")
	}
	return nil
}

func create(path string, mode fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, mode)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(mode); err != nil { // whatever the umask
		f.Close()
		os.Remove(path)
		return nil, err
	}
	return f, nil
}
