package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"netifyd/core/version"
	luci "netifyd/openwrt/luci-app-netifyd"
)

//go:embed page
var own embed.FS

// page is one of the menu.
type page struct{ Name, Path, Title string }

var menu = []page{
	{"overview", "./", "Overview"},
	{"devices", "devices", "Devices"},
	{"flows", "flows", "Flows"},
	{"applications", "applications", "Applications"},
	{"alerts", "alerts", "Alerts"},
}

// asset is a file that browsers load, made at start.
type asset struct {
	kind          string
	plain, packed []byte
	version       string // of its content, in its address
}

// pages are what browsers load.
type pages struct {
	assets map[string]*asset
	frames map[string]*template.Template // by language
	words  map[string]language
	site   *site
}

// fromLuCI are the modules that LuCI's pages and ours have in common, by the
// name that they have here. Those called luci are what a module of our own
// builds upon: how to ask, and the overview.
var fromLuCI = [][2]string{
	{"netifyd.text", "netifyd/text"}, {"netifyd.chart", "netifyd/chart"}, {"netifyd.table", "netifyd/table"}, {"netifyd.catalogue", "netifyd/catalogue"},
	{"netifyd.names", "netifyd/names"}, {"netifyd.risks", "netifyd/risks"}, {"luci.ask", "netifyd/ask"}, {"luci.overview", "view/netifyd/overview"},
	{"view.netifyd.devices", "view/netifyd/devices"}, {"view.netifyd.flows", "view/netifyd/flows"}, {"view.netifyd.applications", "view/netifyd/applications"},
	{"view.netifyd.alerts", "view/netifyd/alerts"},
}

// ours are the modules in the folder page.
var ours = [][2]string{{"netifyd.ask", "ask"}, {"netifyd.stream", "stream"}, {"view.netifyd.overview", "overview"}}

func newPages() (*pages, error) {
	p := &pages{assets: map[string]*asset{}, frames: map[string]*template.Template{}}
	script, err := bundle()
	if err != nil {
		return nil, err
	}
	if p.words, err = languages(); err != nil {
		return nil, err
	}
	for name, l := range p.words {
		p.add("words-"+name+".js", kinds[".js"], l.script())
	}
	styles, err := join(luci.Files, luci.Resources+"netifyd/netifyd.css")
	if err != nil {
		return nil, err
	}
	more, err := join(own, "page/style.css")
	if err != nil {
		return nil, err
	}
	p.add("app.js", kinds[".js"], script)
	p.add("style.css", kinds[".css"], append(styles, more...))
	files, err := fs.Glob(own, "page/icons/*.svg")
	if err != nil {
		return nil, err
	}
	for _, file := range append(files, "page/icon.svg", "page/theme.js") {
		text, err := own.ReadFile(file)
		if err != nil {
			return nil, err
		}
		p.add(strings.TrimPrefix(file, "page/"), kinds[path.Ext(file)], text)
	}
	for _, name := range append(slices.Sorted(maps.Keys(p.words)), "en") {
		p.frames[name], err = template.New("").Funcs(template.FuncMap{
			"asset": func(name string) string { return name + "?v=" + p.assets[name].version },
			"t":     p.words[name].say,
		}).ParseFS(own, "page/*.html")
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

var kinds = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

func (p *pages) add(name, kind string, text []byte) {
	sum := sha256.Sum256(text)
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(text)
	_ = z.Close()
	p.assets[name] = &asset{kind, text, b.Bytes(), hex.EncodeToString(sum[:6])}
}

func join(from embed.FS, names ...string) (all []byte, err error) {
	for _, name := range names {
		text, err := from.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, text...)
	}
	return all, nil
}

var require = regexp.MustCompile(`(?m)^'require ([^ ']+)(?: as ([^ ']+))?';`)

// bundle is one script of all: our frame, then each module as a function of the
// modules that its first lines require. LuCI makes these functions in the
// browser, which our policy forbids.
func bundle() ([]byte, error) {
	all, err := own.ReadFile("page/frame.js")
	if err != nil {
		return nil, err
	}
	put := func(name string, from embed.FS, file string) error {
		text, err := from.ReadFile(file)
		if err != nil {
			return err
		}
		var names, params []string
		for _, m := range require.FindAllSubmatch(text, -1) {
			as := string(m[2])
			if as == "" {
				as = string(m[1])
			}
			names, params = append(names, fmt.Sprintf("'%s'", m[1])), append(params, as)
		}
		all = fmt.Appendf(all, "\nmodule('%s', [%s], function(%s) {\n%s\n});\n", name, strings.Join(names, ", "), strings.Join(params, ", "), text)
		return nil
	}
	for _, m := range fromLuCI {
		if err := put(m[0], luci.Files, luci.Resources+m[1]+".js"); err != nil {
			return nil, err
		}
	}
	for _, m := range ours {
		if err := put(m[0], own, "page/"+m[1]+".js"); err != nil {
			return nil, err
		}
	}
	return append(all, "\nbegin();\n"...), nil
}

// routes adds the pages and files to a site.
func (p *pages) routes(s *site) {
	p.site = s
	for _, m := range menu {
		pattern := "GET /" + m.Path
		if m.Path == "./" {
			pattern = "GET /{$}"
		}
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if !s.local && !s.door.known(r) {
				p.login(w, r, "", http.StatusUnauthorized)
				return
			}
			p.show(w, r, "page.html", m, "", http.StatusOK)
		})
	}
	for name, a := range p.assets {
		s.mux.HandleFunc("GET /"+name, a.serve)
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		tell(w, http.StatusNotFound, "there is no %.80q: the pages begin at /, answers at /api/METHOD, metrics at /metrics", r.URL.Path)
	})
}

// login shows the form for the password.
func (p *pages) login(w http.ResponseWriter, r *http.Request, words string, status int) {
	next := r.FormValue("next")
	if next == "" {
		next = strings.TrimPrefix(r.URL.Path, "/")
	}
	p.show(w, r, "login.html", page{"login", p.known(next), "Password"}, words, status)
}

// known is a page of ours, whatever was asked for: no stranger's address.
func (p *pages) known(name string) string {
	for _, m := range menu {
		if m.Path == name {
			return m.Path
		}
	}
	return "./"
}

// show writes a page. Changes says whether this browser may change something:
// yes, locked (with the password) or no.
func (p *pages) show(w http.ResponseWriter, r *http.Request, name string, m page, words string, status int) {
	changes := "locked"
	if p.site.door.open {
		changes = "no"
	} else if p.site.door.known(r) {
		changes = "yes"
	}
	var b bytes.Buffer
	lang, script := spoken(r, p.words), ""
	if lang != "en" {
		script = "words-" + lang + ".js"
	}
	if err := p.frames[lang].ExecuteTemplate(&b, name, map[string]any{"Page": m, "Menu": menu, "Changes": changes, "Lang": lang, "Words": script, "Wrong": words, "Version": version.Number, "Open": p.site.door.open}); err != nil {
		tell(w, http.StatusInternalServerError, "%v", err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", lang)
	w.Header().Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	if r.FormValue("v") == a.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		_, _ = io.Copy(w, bytes.NewReader(a.packed))
		return
	}
	_, _ = w.Write(a.plain)
}
