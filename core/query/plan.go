package query

import (
	"encoding/json"
	"errors"
	"strings"
)

// plan is the memory bill.
func (s *Server) plan(a args) error {
	values, err := planValues(a)
	if err != nil {
		return err
	}
	items, err := s.house.Plan(values)
	if err != nil {
		return err
	}
	r, sum := &s.reply, 0
	r.columns([]string{"what", "count", "bytes", "setting"})
	for _, x := range items {
		r.row()
		r.cell(x.What)
		r.num(uint64(x.Count))
		r.num(uint64(x.Bytes))
		r.cell(x.Setting)
		r.endRow()
		sum += x.Bytes
	}
	r.endRows(len(items))
	r.number("bytes", uint64(sum))
	return nil
}

// planValues reads {"flows.max": 4096, "usage.cells": "512"}.
func planValues(a args) (map[string]string, error) {
	raw, ok := a["values"]
	if !ok {
		return nil, nil
	}
	var given map[string]json.RawMessage
	if json.Unmarshal(raw, &given) != nil {
		return nil, errors.New(`values: want an object such as {"flows.max": 4096}`)
	}
	values := map[string]string{}
	for name, v := range given {
		var text string
		if json.Unmarshal(v, &text) != nil {
			text = strings.TrimSpace(string(v))
		}
		values[name] = text
	}
	return values, nil
}

// check says what is wrong with the text of a configuration.
func (s *Server) check(a args) error {
	text, err := a.text("text")
	if err != nil {
		return err
	}
	r, good := &s.reply, true
	r.columns([]string{"place", "text", "warning"})
	faults := s.house.Check(text)
	for _, x := range faults {
		r.row()
		r.cell(x.Place)
		r.cell(x.Text)
		r.flag(x.Warning)
		r.endRow()
		good = good && x.Warning
	}
	r.endRows(len(faults))
	r.is("good", good)
	return nil
}
