package query

import (
	"netifyd/core/proto"
	"netifyd/core/version"
)

// protocols lists protocols.
func (s *Server) protocols(a args) error {
	p, err := a.page()
	if err != nil {
		return err
	}
	have, err := a.text("version")
	if err != nil {
		return err
	}
	s.reply.text("version", version.Number)
	if have == version.Number {
		return nil
	}
	l := s.list(p, "id", "name", "category")
	proto.All(func(id proto.ID, name string) {
		l.put(func(r *reply) {
			r.num(uint64(id))
			r.cell(name)
			r.cell(id.Category().String())
		})
	})
	l.end()
	return nil
}

// applications lists applications, unless the asker has this catalogue already.
func (s *Server) applications(a args) error {
	p, err := a.page()
	if err != nil {
		return err
	}
	have, err := a.text("version")
	if err != nil {
		return err
	}
	now := s.apps.Version()
	s.reply.text("version", now)
	if have == now {
		return nil
	}
	l := s.list(p, "id", "tag", "category")
	s.apps.Each(func(id uint32, tag string) {
		l.put(func(r *reply) {
			r.num(uint64(id))
			r.cell(tag)
			r.num(uint64(s.apps.Category(id)))
		})
	})
	l.end()
	return nil
}

// categories lists the categories of applications.
func (s *Server) categories(args) error {
	l := s.list(page{limit: MaxRows}, "id", "tag")
	s.apps.EachCategory(func(id uint8, tag string) {
		l.put(func(r *reply) {
			r.num(uint64(id))
			r.cell(tag)
		})
	})
	l.end()
	return nil
}

// list writes the rows of one page out of rows that come one after the other.
type list struct {
	r    *reply
	p    page
	seen int
	done bool
}

func (s *Server) list(p page, columns ...string) *list {
	s.reply.columns(columns)
	return &list{r: &s.reply, p: p}
}

// put writes a row if it is one of the page.
func (l *list) put(write func(*reply)) {
	l.seen++
	if l.done || l.seen <= l.p.offset || l.r.rows >= l.p.limit {
		return
	}
	l.r.row()
	write(l.r)
	l.done = !l.r.endRow()
}

func (l *list) end() { l.r.endRows(l.seen) }
