package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"netifyd/cross/deb"
	"netifyd/cross/target"
	"netifyd/cross/tree"
)

var debianFiles = []source{
	{"init.d/netifyd.service", "/usr/lib/systemd/system/netifyd.service", 0o644, false},
	{"cross/debian/copyright", "/usr/share/doc/netifyd/copyright", 0o644, false},
	{"cross/debian/overrides", "/usr/share/lintian/overrides/netifyd", 0o644, false},
}

// debian writes the deb of one architecture.
func (j *job) debian(t *target.Target) error {
	files, err := j.tree(t, "/usr/sbin/netifyd", debianFiles)
	if err != nil {
		return err
	}
	if err := j.manuals(files); err != nil {
		return err
	}
	// What Debian wants compressed.
	z, err := zipped(filepath.Join(j.root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	files.Add("/usr/share/doc/netifyd/changelog.gz", 0o644, z)
	z, err = tree.Gzip([]byte(j.debianChangelog("netifyd", j.version)))
	if err != nil {
		return err
	}
	files.Add("/usr/share/doc/netifyd/changelog.Debian.gz", 0o644, z)
	files.Add("/etc/netifyd/apps.d/", 0o755, nil)
	if err := j.confinedConfig(files); err != nil {
		return err
	}
	p := &deb.Package{Name: "netifyd", Version: j.version, Release: j.release, Arch: t.Debian, Maintainer: maintainer, Homepage: homepage,
		Description: summary + "\n" + description, Tree: files}
	if p.Scripts, err = j.scripts("cross/debian", "postinst", "prerm", "postrm"); err != nil {
		return err
	}
	_, err = j.write(filepath.Join(j.out, "packages", "debian"), p)
	return err
}

// manuals adds what the program and the unit refer to, where a system with
// systemd has it.
func (j *job) manuals(files *tree.Tree) error {
	for _, page := range []string{"netifyd.8"} {
		z, err := zipped(filepath.Join(j.root, "docs/man", page))
		if err != nil {
			return err
		}
		files.Add("/usr/share/man/man"+page[len(page)-1:]+"/"+page+".gz", 0o644, z)
	}
	events, err := os.ReadFile(filepath.Join(j.root, "docs/events.md"))
	if err != nil {
		return err
	}
	z, err := tree.Gzip([]byte(page("netifyd-events", "7", "the events that netifyd tells", string(events))))
	if err != nil {
		return err
	}
	files.Add("/usr/share/man/man7/netifyd-events.7.gz", 0o644, z)
	made, err := j.tablesTree()
	if err != nil {
		return err
	}
	files.Files = append(files.Files, made.Files...)
	for _, d := range documents {
		b, err := os.ReadFile(filepath.Join(j.root, d))
		if err != nil {
			return err
		}
		files.Add("/usr/share/doc/netifyd/"+filepath.Base(d), 0o644, b)
	}
	return nil
}

// tables adds the files of names and numbers that other programs read. They are
// made by the agent itself, as this machine runs it.
func (j *job) tables(files *tree.Tree, dir string) error {
	tmp, err := os.MkdirTemp("", "tables")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	c := exec.Command("go", "run", "./cmd/netifyd", "-c", "/dev/null", "dump-files", tmp)
	c.Dir, c.Env, c.Stderr = j.root, append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("dump-files: %w", err)
	}
	list, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(tmp, e.Name()))
		if err != nil {
			return err
		}
		files.Add(dir+e.Name(), 0o644, b)
	}
	return nil
}

// documents are what the manual pages name.
var documents = []string{
	"docs/events.md", "docs/configuration.md", "docs/applications.md", "docs/protocols.md", "docs/privacy.md", "core/event/schema.json", "examples/csv.sh", "docs/usage.md", "docs/devices.md", "docs/console.md",
}

// confinedConfig adds the configuration and its manual. The service may write
// in /var/lib/netifyd alone, so the identifier lies there.
func (j *job) confinedConfig(files *tree.Tree) error {
	b, err := os.ReadFile(filepath.Join(j.root, "init.d/netifyd.toml"))
	if err != nil {
		return err
	}
	const from, to = `#uuid_path = "/etc/netifyd/agent.uuid"`, `uuid_path = "/var/lib/netifyd/agent.uuid"`
	if !bytes.Contains(b, []byte(from)) {
		return fmt.Errorf("init.d/netifyd.toml: want the line %s", from)
	}
	files.AddConf("/etc/netifyd.toml", 0o644, bytes.Replace(b, []byte(from), []byte(to), 1))
	z, err := tree.Gzip([]byte(manual(string(b))))
	files.Add("/usr/share/man/man5/netifyd.toml.5.gz", 0o644, z)
	return err
}

// debianChangelog has one entry: this build; the project's own changes are in changelog.gz.
func (j *job) debianChangelog(name, version string) string {
	return name + " (" + version + "-" + j.release + ") unstable; urgency=medium\n\n  * See changelog.gz of netifyd for what changed.\n\n -- " +
		maintainer + "  " + j.time.Format("Mon, 02 Jan 2006 15:04:05 -0700") + "\n"
}

// address is the maintainer's mail address alone.
func address() string {
	_, rest, _ := strings.Cut(maintainer, "<")
	return strings.TrimSuffix(rest, ">")
}

func zipped(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return tree.Gzip(b)
}
