package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// args are the arguments of a question.
type args map[string]json.RawMessage

// decode reads a JSON object and refuses what the method does not take.
func decode(m *Method, text []byte) (args, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var a args
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, errors.New("the arguments are no JSON object")
	}
	for name := range a {
		if !m.takes(name) {
			return nil, fmt.Errorf("no argument %q: it takes %s", name, m.names())
		}
	}
	return a, nil
}

// takes says that the method has an argument of this name. What rpcd adds to
// every call (ubus_rpc_session) is taken and not looked at.
func (m *Method) takes(name string) bool {
	for _, a := range m.Args {
		if a.Name == name {
			return true
		}
	}
	return name == "ubus_rpc_session"
}

func (m *Method) names() string {
	if len(m.Args) == 0 {
		return "none"
	}
	list := make([]string, len(m.Args))
	for i, a := range m.Args {
		list[i] = a.Name
	}
	return strings.Join(list, ", ")
}

// text gives an argument's text; empty where it is left out.
func (a args) text(name string) (string, error) {
	var s string
	if raw, ok := a[name]; ok && json.Unmarshal(raw, &s) != nil {
		return "", fmt.Errorf("%s: want a text in quotes, not %s", name, cut(raw))
	}
	return s, nil
}

// number gives an argument's number, def where it is left out.
func (a args) number(name string, def int64) (int64, error) {
	raw, ok := a[name]
	if !ok {
		return def, nil
	}
	var n int64
	if json.Unmarshal(raw, &n) != nil || n < 0 {
		return 0, fmt.Errorf("%s: want a number from 0 up, not %s", name, cut(raw))
	}
	return n, nil
}

// flag gives an argument that is true or false; ok says that it is there.
func (a args) flag(name string) (v, ok bool, err error) {
	raw, ok := a[name]
	if ok && json.Unmarshal(raw, &v) != nil {
		return false, true, fmt.Errorf("%s: want true or false, not %s", name, cut(raw))
	}
	return v, ok, nil
}

// cut shortens what is quoted in an error.
func cut(raw []byte) string {
	if len(raw) > 40 {
		return string(raw[:40]) + "…"
	}
	return string(raw)
}

// page is which rows of a list are wanted.
type page struct{ offset, limit int }

const defaultRows = 50

func (a args) page() (p page, err error) {
	offset, err := a.number("offset", 0)
	if err != nil {
		return p, err
	}
	limit, err := a.number("limit", defaultRows)
	if err != nil {
		return p, err
	}
	return page{int(min(offset, 1<<30)), int(min(limit, MaxRows))}, nil
}

// shallow reads the arguments of a page of a list that is sorted for each
// question, of which only the first rows are kept.
func (a args) shallow() (p page, err error) {
	if p, err = a.page(); err == nil && p.offset > MaxOffset {
		err = fmt.Errorf("offset: at most %d: narrow the filter", MaxOffset)
	}
	return p, err
}

// order is what rows are sorted by.
type order struct {
	column int
	rising bool
}

// order reads the argument "sort"; def is the column where it is left out.
func (a args) order(columns []string, def string) (order, error) {
	text, err := a.text("sort")
	if err != nil {
		return order{}, err
	}
	if text == "" {
		text = def
	}
	name, rising := strings.CutPrefix(text, "-")
	for i, c := range columns {
		if c == name {
			return order{i, rising}, nil
		}
	}
	return order{}, fmt.Errorf("sort: there is no column %q: use one of %s", name, strings.Join(columns, ", "))
}
