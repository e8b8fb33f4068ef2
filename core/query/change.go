package query

import (
	"errors"

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
	return s.done(s.named(a, func(d *device.Table, id device.ID) error {
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
