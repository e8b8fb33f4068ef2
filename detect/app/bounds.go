package app

import (
	"fmt"
	"time"
)

// Bounds of what files may add. Whoever writes them is a friend, but a list
// from the net may be another thing than yesterday, and a reload must not take
// the memory or the time that the running agent needs.
const (
	maxFiles    = 256      // of a directory
	maxFile     = 64 << 20 // bytes of a file
	maxText     = 16 << 20 // bytes of all files that are no lists of domains
	maxWarnings = 50
	maxLoad     = 20 * time.Second
)

// What reading takes for a while, as a multiple of the text, measured: what
// stays is less, and is in Catalogue.Bytes.
const (
	timesText = 12
	timesList = 2
)

// Room is what reading files may take.
type Room struct {
	Memory int64         // bytes for a while; 0: as much as the other bounds allow
	Time   time.Duration // 0: maxLoad
}

// spent is what was taken of the room.
type spent struct {
	room   Room
	end    time.Time
	memory int64
	text   int64
	late   bool
}

func newSpent(r Room) spent {
	if r.Time == 0 {
		r.Time = maxLoad
	}
	return spent{room: r, end: time.Now().Add(r.Time)}
}

// take says whether a file of so many bytes may be read.
func (s *spent) take(size int64, list bool) error {
	times := int64(timesText)
	if list {
		times = timesList
	} else if s.text += size; s.text > maxText {
		return fmt.Errorf("the files that are no lists of domains have more than %d MiB together: take some away", maxText>>20)
	}
	if s.memory += size * times; s.room.Memory > 0 && s.memory > s.room.Memory {
		return fmt.Errorf("the files until this one take %d MiB to read, and there are %d: take some away, or shorten them", s.memory>>20+1, s.room.Memory>>20)
	}
	return nil
}

// grow says whether a rule of so many bytes may be kept.
func (s *spent) grow(size int) error {
	if s.memory += int64(size); s.room.Memory > 0 && s.memory > s.room.Memory {
		return fmt.Errorf("the rules until this one take too much memory, %d MiB with the files: write fewer and cheaper expressions", s.memory>>20+1)
	}
	return nil
}

// over says that there is no more time. It is told once.
func (l *loader) over(path string) bool {
	if l.spent.late {
		return true
	}
	if time.Now().Before(l.spent.end) {
		return false
	}
	l.spent.late = true
	l.errs.Add(path, 0, "reading took longer than %s: take files away, or write fewer and cheaper expressions", l.spent.room.Time)
	return true
}
