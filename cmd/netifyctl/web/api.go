package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"netifyd/core/query/client"
)

// method is a question that may be asked from outside. Its arguments come as
// text in a query string, so those that are something else are named here.
type method struct {
	name    string
	changes bool   // only by POST, and with the password
	numbers string // arguments that are numbers
	flags   string // arguments that are true or false
	texts   string
}

// methods are those of core/query, in its order; a test compares. Left out are
// check, and the values of plan: they let an agent that is root open files that
// the asker names.
var methods = []method{
	{name: "methods"},
	{name: "status"},
	{name: "overview", numbers: "since limit", texts: "by"},
	{name: "flows", numbers: "offset limit", texts: "filter criteria sort"},
	{name: "flow", texts: "digest"},
	{name: "devices", numbers: "offset limit", texts: "filter sort"},
	{name: "device", flags: "local", texts: "device mac period"},
	{name: "usage", numbers: "from count offset limit", flags: "local", texts: "by period step device application"},
	{name: "hosts", numbers: "offset limit", texts: "by device mac application"},
	{name: "totals", numbers: "offset limit", texts: "by"},
	{name: "alerts", numbers: "since limit"},
	{name: "device_set", changes: true, flags: "hidden", texts: "device mac name type same_as"},
	{name: "device_forget", changes: true, texts: "device mac"},
	{name: "usage_commit", changes: true},
	{name: "usage_reset", changes: true, flags: "confirm"},
	{name: "rules", numbers: "offset limit"},
	{name: "rule_explain", texts: "digest"},
	{name: "rule_pause", changes: true, numbers: "minutes seconds", texts: "rule"},
	{name: "protocols", numbers: "offset limit", texts: "version"},
	{name: "applications", numbers: "offset limit", texts: "version"},
	{name: "categories"},
	{name: "plan"},
}

// problem is the answer that is an error. Away says that the agent is missing, and how.
type problem struct {
	Error string `json:"error"`
	Away  string `json:"away,omitempty"`
}

func tell(w http.ResponseWriter, status int, format string, args ...any) {
	write(w, status, problem{Error: fmt.Sprintf(format, args...)})
}

func write(w http.ResponseWriter, status int, p problem) {
	text, _ := json.Marshal(p)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

// api answers /api/METHOD: questions by GET with arguments in the query string,
// changes by POST with a JSON object, which is what no form of another site sends.
func (s *site) api(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	at := slices.IndexFunc(methods, func(m method) bool { return m.name == name })
	if at < 0 {
		tell(w, http.StatusNotFound, "there is no question %.40q: /api/methods lists them", name)
		return
	}
	m := &methods[at]
	want := http.MethodGet
	if m.changes {
		want = http.MethodPost
	}
	if r.Method != want && (m.changes || r.Method != http.MethodHead) {
		w.Header().Set("Allow", want)
		tell(w, http.StatusMethodNotAllowed, "%s is asked by %s", name, want)
		return
	}
	var text []byte
	var err error
	if m.changes {
		if !s.mayChange(w, r) {
			return
		}
		var arguments map[string]any
		if arguments, err = body(w, r); err != nil {
			tell(w, http.StatusBadRequest, "%s: %v", name, err)
			return
		}
		text, err = s.agent.Change(r.Context(), name, arguments)
	} else {
		var arguments map[string]any
		if arguments, err = m.arguments(r); err != nil {
			tell(w, http.StatusBadRequest, "%s: %v", name, err)
			return
		}
		text, err = s.agent.Raw(r.Context(), name, arguments)
	}
	if err != nil {
		s.failed(w, err)
		return
	}
	if !json.Valid(text) {
		tell(w, http.StatusBadGateway, "what answers at %s is no agent: its answer to %s is no JSON; --control names the agent's control socket", s.control, name)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
	_, _ = io.WriteString(w, "\n")
}

// failed tells that the agent refused, or is away.
func (s *site) failed(w http.ResponseWriter, err error) {
	refusal := client.Refusal("")
	switch {
	case errors.As(err, &refusal) && strings.Contains(string(refusal), "too many ask at once"):
		w.Header().Set("Retry-After", "1")
		write(w, http.StatusServiceUnavailable, problem{err.Error(), "busy"})
	case errors.As(err, &refusal) && strings.Contains(string(refusal), "only root"):
		tell(w, http.StatusForbidden, "the agent lets only root and the members of control.group change something: put the user of netifyctl into that group")
	case errors.As(err, &refusal):
		tell(w, http.StatusBadRequest, "%s", refusal)
	default:
		w.Header().Set("Retry-After", "2")
		write(w, http.StatusServiceUnavailable, problem{err.Error(), away(err)})
	}
}

// arguments reads those of the query string. One that comes twice, or that the
// method does not take, is an error.
func (m *method) arguments(r *http.Request) (map[string]any, error) {
	if len(r.URL.RawQuery) > maxHeader {
		return nil, errors.New("the arguments are too long")
	}
	values, err := parseQuery(r)
	if err != nil {
		return nil, err
	}
	var all map[string]any
	for name, list := range values {
		var v any
		text := list[0]
		switch {
		case len(list) > 1:
			return nil, fmt.Errorf("%.40q comes %d times", name, len(list))
		case has(m.texts, name):
			v = text
		case has(m.numbers, name):
			if v, err = strconv.ParseUint(text, 10, 62); err != nil {
				return nil, fmt.Errorf("%s: want a number from 0 up, not %.40q", name, text)
			}
		case has(m.flags, name):
			if text != "true" && text != "false" {
				return nil, fmt.Errorf("%s: want true or false, not %.40q", name, text)
			}
			v = text == "true"
		default:
			return nil, fmt.Errorf("no argument %.40q: it takes %s", name, m.names())
		}
		if all == nil {
			all = map[string]any{}
		}
		all[name] = v
	}
	return all, nil
}

func parseQuery(r *http.Request) (map[string][]string, error) {
	if err := r.ParseForm(); err != nil {
		return nil, errors.New("the arguments are not written as NAME=VALUE&NAME=VALUE")
	}
	return r.Form, nil
}

func (m *method) names() string {
	all := strings.Fields(m.texts + " " + m.numbers + " " + m.flags)
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}

func has(list, name string) bool { return slices.Contains(strings.Fields(list), name) }

// body reads the arguments of a change.
func body(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return nil, errors.New("send the arguments as Content-Type: application/json")
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("the arguments are longer than %d bytes, or did not come", maxBody)
	}
	var all map[string]any
	if len(text) > 0 && json.Unmarshal(text, &all) != nil {
		return nil, errors.New("the arguments are no JSON object")
	}
	return all, nil
}
