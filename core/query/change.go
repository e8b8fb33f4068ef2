package query

import (
	"errors"
	"fmt"
	"strings"

	"netifyd/core/device"
)

func (s *Server) setDevice(a args) error {
	name, err := a.text("name")
	if err != nil {
		return err
	}
	kind, err := a.text("type")
	if err != nil {
		return err
	}
	hidden, hide, err := a.flag("hidden")
	if err != nil {
		return err
	}
	same, err := a.text("same_as")
	if err != nil {
		return err
	}
	return s.done(s.named(a, func(d *device.Table, id device.ID) error {
		if _, ok := a["same_as"]; ok {
			if err := join(d, a, same); err != nil {
				return err
			}
		}
		if _, ok := a["name"]; ok {
			d.Rename(id, name)
		}
		if _, ok := a["type"]; ok && !d.SetType(id, kind) {
			return errors.New("type: there are too many different ones: use one that another device has")
		}
		if hide {
			d.Hide(id, hidden)
		}
		return nil
	}))
}

func (s *Server) forgetDevice(a args) error {
	return s.done(s.named(a, func(d *device.Table, id device.ID) error { return d.Forget(id) }))
}

func (s *Server) resetUsage(a args) error {
	if sure, _, err := a.flag("confirm"); err != nil || !sure {
		return errors.New("confirm: say true, since what was used cannot be had back")
	}
	s.past, s.chart = [2]past{}, chart{}
	return s.done(s.house.ResetUsage())
}

// done answers a method that changes something.
func (s *Server) done(err error) error {
	if err == nil {
		s.reply.is("done", true)
	}
	return err
}

// join says that the device of a question is the same as another, or with an
// empty text that it is one of its own again.
func join(d *device.Table, a args, other string) error {
	text, _ := a.device()
	id := device.None // named gives the one that it is the same as already
	for at := device.ID(1); int(at) < d.Cap(); at++ {
		if d.At(at) != nil && strings.EqualFold(d.Text(at), text) {
			id = at
		}
	}
	if id == device.None {
		id = findDevice(d, text)
	}
	main := device.None
	if other != "" {
		if main = findDevice(d, other); main == device.None {
			return fmt.Errorf("same_as: there is no device %q: netifyd devices lists them", other)
		}
	}
	if err := d.Same(id, main); err != nil {
		return fmt.Errorf("same_as: %w", err)
	}
	return nil
}
