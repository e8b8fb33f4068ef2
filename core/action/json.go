package action

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"netifyd/core/calendar"
	"netifyd/core/config"
)

// Document is rules as one file has them.
type Document struct {
	Path      string
	Lines     map[string]int       // of keys, as config.Config has them
	Rules     config.ActionOptions // Enabled, Exempt, Reprocess, Timezone, Labels
	Actions   []config.Action
	Targets   []config.Target
	Groups    []config.Group
	Forgiving bool // a target that no table has is passed over: files of the original name some
}

// member of a JSON object. The order is that of the file.
type member struct {
	key   string
	value json.RawMessage
	at    int // byte of the document where the value begins
}

// jsonReader reads netify-proc-flow-actions.json (5.x) and netify-flow-actions.json
// (4.x). What has no meaning here is a warning; what is wrong is an error, and
// then nothing of the file counts.
type jsonReader struct {
	doc      *Document
	text     []byte
	errs     config.Errors
	warnings []config.Warning
}

// ReadJSON reads rules in the original's form. The error is config.Errors.
func ReadJSON(path string, text []byte) (*Document, []config.Warning, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // as editors of Windows write
	r := &jsonReader{text: text, doc: &Document{Path: path, Lines: map[string]int{}, Forgiving: true, Rules: config.ActionOptions{Enabled: true, Reprocess: true}}}
	top, err := members(text, 0)
	if err != nil {
		at := len(text)
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			at = int(syntax.Offset)
		}
		r.fail(at, "%s: the file must be one JSON object", strings.TrimPrefix(err.Error(), "json: "))
		return nil, nil, r.errs
	}
	r.document(top)
	if len(r.errs) > 0 {
		return nil, r.warnings, r.errs
	}
	return r.doc, r.warnings, nil
}

// members are those of the object in text, which lies at a byte of the document.
func members(text []byte, at int) (list []member, err error) {
	if !json.Valid(text) {
		var all any
		return nil, json.Unmarshal(text, &all)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("want an object in braces")
	}
	for d.More() {
		var m member
		t, err := d.Token()
		if err == nil {
			m.key, _ = t.(string)
			err = d.Decode(&m.value)
		}
		if err != nil {
			return nil, err
		}
		m.at = at + int(d.InputOffset()) - len(m.value)
		if string(m.value) != "null" { // as if the key were not there
			list = append(list, m)
		}
	}
	if _, err := d.Token(); err != nil && err != io.EOF {
		return nil, err
	}
	return list, nil
}

func (r *jsonReader) line(at int) int {
	return 1 + bytes.Count(r.text[:min(max(at, 0), len(r.text))], []byte("\n"))
}

// note keeps the line of what is a key of the configuration.
func (r *jsonReader) note(key string, m member) { r.doc.Lines[key] = r.line(m.at) }

// maxSaid is how many errors, and how many warnings, of one file are told.
const maxSaid = 50

func (r *jsonReader) fail(at int, format string, args ...any) {
	if len(r.errs) == maxSaid {
		return
	}
	r.errs = append(r.errs, &config.Error{Path: r.doc.Path, Line: r.line(at), Text: fmt.Sprintf(format, args...)})
}

func (r *jsonReader) warn(at int, format string, args ...any) {
	if len(r.warnings) == maxSaid {
		return
	}
	r.warnings = append(r.warnings, config.Warning{Path: r.doc.Path, Line: r.line(at), Text: fmt.Sprintf(format, args...)})
}

// object are the members of a value that must be an object.
func (r *jsonReader) object(place string, m member) []member {
	list, err := members(m.value, m.at)
	if err != nil {
		r.fail(m.at, "%s is %s: want an object in braces", place, cut(string(m.value)))
	}
	return list
}

func (r *jsonReader) document(top []member) {
	defaults := map[string][]member{}
	for _, m := range top { // before the targets, wherever they stand
		if m.key == "target_defaults" {
			for _, kind := range r.object(m.key, m) {
				defaults[kind.key] = r.object(m.key+"."+kind.key, kind)
			}
		}
	}
	for _, m := range top {
		switch m.key {
		case "target_defaults":
		case "version":
			if v := text(m.value); v != "1" && v != "1.0" {
				r.fail(m.at, "version is %s: only 1 is known, and none need be given", cut(string(m.value)))
			}
		case "reprocess_flows":
			r.flag(m.key, m, &r.doc.Rules.Reprocess)
		case "timezone":
			r.doc.Rules.Timezone = text(m.value)
			if _, err := calendar.NewClock(r.doc.Rules.Timezone, "1"); err != nil {
				r.fail(m.at, "timezone: %v", err)
			}
		case "exemptions":
			r.doc.Rules.Exempt = r.list(m.key, m)
			r.note("actions.exempt", m)
		case "actions":
			for _, a := range r.object(m.key, m) {
				r.action(a)
			}
		case "targets":
			for _, t := range r.object(m.key, m) {
				r.target(t, defaults)
			}
		case "target_globals":
			r.globals(m)
		default:
			r.warn(m.at, "%s is not known and left out", cut(m.key))
		}
	}
}

func (r *jsonReader) globals(m member) {
	for _, kind := range r.object(m.key, m) {
		for _, g := range r.object(m.key+"."+kind.key, kind) {
			switch kind.key + "." + g.key {
			case "ctlabel.connlabel_conf":
				r.doc.Rules.Labels = text(g.value)
			case "ctlabel.max_bits": // the kernel has 128
			default:
				r.warn(g.at, "target_globals.%s.%s is not known and left out", cut(kind.key), cut(g.key))
			}
		}
	}
}

func (r *jsonReader) action(m member) {
	place := "actions." + cut(m.key)
	a := config.NewAction()
	a.Name, a.Line = m.key, r.line(m.at)
	note := func(key string, k member) { r.note(fmt.Sprintf("action[%d].%s", len(r.doc.Actions), key), k) }
	for _, k := range r.object(place, m) {
		key := place + "." + k.key
		switch k.key {
		case "enabled":
			r.flag(key, k, &a.Enabled)
		case "criteria":
			a.Criteria = text(k.value)
			if bytes.HasPrefix(k.value, []byte("[")) {
				a.Criteria = string(compact(k.value))
			}
			note("criteria", k)
		case "targets":
			a.Targets = r.list(key, k)
			note("targets", k)
		case "exemptions":
			a.Exempt = r.list(key, k)
			note("exempt", k)
		case "interface":
			a.Interface = text(k.value)
		case "halt_on_match":
			r.flag(key, k, &a.Halt)
		case "reset":
			r.flag(key, k, &a.Reset)
		case "time_of_day":
			r.times(key, k, &a)
			note("times", k)
		default:
			r.warn(k.at, "%s is not known and left out", cut(key))
		}
	}
	r.doc.Actions = append(r.doc.Actions, a)
}

// times turns time_of_day into words as the configuration has them.
func (r *jsonReader) times(key string, m member, a *config.Action) {
	var list []json.RawMessage
	if json.Unmarshal(m.value, &list) != nil {
		list = []json.RawMessage{m.value}
	}
	for _, one := range list {
		days, from, to, not := "", "", "", ""
		for _, k := range r.object(key, member{value: one, at: m.at}) {
			switch k.key {
			case "day", "days":
				days = strings.Join(r.list(key+".day", k), ",")
			case "time_start":
				from = text(k.value)
			case "time_end":
				to = text(k.value)
			case "policy":
				switch p := strings.ToLower(text(k.value)); p {
				case "inclusive":
				case "exclusive":
					not = "!"
				default:
					r.fail(m.at, "%s.policy is %q: want inclusive or exclusive", key, cut(p))
				}
			default:
				r.warn(m.at, "%s.%s is not known and left out", key, cut(k.key))
			}
		}
		if from != "" || to != "" {
			if from == "" {
				from = "00:00"
			}
			if to == "" {
				to = "24:00"
			}
			from += "-" + to
		}
		if days == "" && from == "" {
			continue // at any time
		}
		a.Times = append(a.Times, strings.TrimSpace(not+strings.ToLower(days)+" "+from))
	}
}

func compact(raw []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}

func (r *jsonReader) flag(key string, m member, p *bool) {
	switch strings.ToLower(text(m.value)) {
	case "true", "1", "yes":
		*p = true
	case "false", "0", "no":
		*p = false
	default:
		r.fail(m.at, "%s is %s: want true or false", key, cut(string(m.value)))
	}
}

// list are the texts of a list, or the one that stands for a list.
func (r *jsonReader) list(key string, m member) (texts []string) {
	var list []json.RawMessage
	if json.Unmarshal(m.value, &list) != nil {
		list = []json.RawMessage{m.value}
	}
	for _, one := range list {
		t := text(one)
		if t == "" {
			r.fail(m.at, "%s holds %s: want a list of texts", key, cut(string(one)))
			continue
		}
		texts = append(texts, t)
	}
	return texts
}

// text is a text, number or truth as text; empty for all else.
func text(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func seconds(n uint64) time.Duration { return time.Duration(n) * time.Second }
