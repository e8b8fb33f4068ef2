// Package ctmark writes marks on connections, for firewalls, shapers and policy routing.
package ctmark

import (
	"errors"
	"fmt"

	"netifyd/core/action"
	"netifyd/core/action/connection"
	"netifyd/core/conntrack"
	"netifyd/core/netlink"
)

// Settings of a target.
type Settings struct {
	action.Common
	Mark  uint32
	Shift uint8  // by which Mark is moved to the left
	Mask  uint32 // bits that are the agent's; others stay. 0: those of the mark alone
	// Managed: at the end the mark is taken off connections that it was written on.
	Managed bool
	// Alone: no one else writes the mark. So at start it is taken off
	// connections that no flow wants it on, as after a crash.
	Alone bool
}

// Target marks connections.
type Target struct{ *connection.Target }

const attributeMark, attributeMask = 8, 21 // CTA_MARK, CTA_MARK_MASK

// Check says what is wrong with the settings.
func (s Settings) Check() error {
	value, mask := s.bits()
	switch {
	case s.Shift > 31:
		return errors.New("a mark has 32 bits: take a shift up to 31")
	case value == 0 || value>>s.Shift != s.Mark:
		return fmt.Errorf("mark 0x%x shifted by %d is none of 32 bits: give another mark", s.Mark, s.Shift)
	case value&^mask != 0:
		return fmt.Errorf("mark 0x%x has bits outside of the mask 0x%x: give a wider mask", value, mask)
	}
	return nil
}

// bits are those that are written, and those that are the agent's.
func (s Settings) bits() (value, mask uint32) {
	value, mask = s.Mark<<s.Shift, s.Mask
	if mask == 0 {
		mask = value
	}
	return value, mask
}

// Open opens a target.
func Open(s Settings) (*Target, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	value, mask := s.bits()
	c := connection.Settings{Common: s.Common, Kind: connection.Change, Managed: s.Managed, Alone: s.Alone,
		Has: func(c *conntrack.Conn) bool { return c.Mark&mask == value },
		Append: func(b []byte, _ *action.Subject, on bool) []byte {
			v := value
			if !on {
				v = 0
			}
			return netlink.Uint32(netlink.Uint32(b, attributeMark, v), attributeMask, mask)
		}}
	t, err := connection.Open(c)
	if err != nil {
		return nil, err
	}
	return &Target{t}, nil
}
