package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"

	"netifyd/cross/adb"
	"netifyd/cross/feed"
	"netifyd/cross/ipk"
	"netifyd/cross/tree"
)

// part is a package of files that every architecture reads.
type part struct {
	name, text, section string
	version             string // empty: the agent's
	depends             []string
	files               *tree.Tree
	in, out             string // run once it is installed, and before it goes; empty: nothing
	most                int    // bytes that its ipk may have; 0: any
}

// anywhere is such a package in both formats. It is made once, for all feeds.
type anywhere struct {
	ipk   feed.Entry
	apk   *adb.Package
	bytes []byte // of the apk
}

// parts makes all packages that are the same for every architecture.
func (j *job) parts() ([]anywhere, error) {
	list, err := j.pages()
	if err != nil {
		return nil, err
	}
	tables, err := j.tablesPart()
	if err != nil {
		return nil, err
	}
	catalogue, err := j.cataloguePart()
	if err != nil {
		return nil, err
	}
	all := make([]anywhere, 0, len(list)+2)
	for _, x := range append(list, tables, catalogue) {
		made, err := j.same(&x)
		if err != nil {
			return nil, err
		}
		all = append(all, made)
	}
	return all, nil
}

// same makes a package of either format from its files.
func (j *job) same(x *part) (anywhere, error) {
	var fields []ipk.Field
	if len(x.depends) > 0 {
		fields = append(fields, ipk.Field{Name: "Depends", Value: strings.Join(x.depends, ", ")})
	}
	fields = append(fields, ipk.Field{Name: "Source", Value: origin}, ipk.Field{Name: "SourceName", Value: x.name}, ipk.Field{Name: "License", Value: license},
		ipk.Field{Name: "Section", Value: x.section}, ipk.Field{Name: "SourceDateEpoch", Value: fmt.Sprint(j.time.Unix())}, ipk.Field{Name: "URL", Value: homepage}, ipk.Field{Name: "Maintainer", Value: maintainer})
	p := &ipk.Package{Name: x.name, Version: cmp.Or(x.version, j.version) + "-r" + j.release, Arch: "all", Description: x.text, Tree: x.files, Fields: fields, Scripts: map[string]string{"postinst": x.in}}
	files := &tree.Tree{Time: x.files.Time, Files: append([]tree.File{}, x.files.Files...)}
	files.Add("/lib/apk/packages/"+x.name+".list", 0o644, []byte(strings.Join(x.files.Regular(), "\n")+"\n"))
	a := &adb.Package{Name: x.name, Version: p.Version, Arch: "noarch", Description: x.text, License: license, Origin: origin, Maintainer: maintainer, URL: homepage,
		Depends: x.depends, Tree: files, Scripts: map[string]string{"post-install": x.in, "post-upgrade": x.in}}
	if x.out != "" {
		p.Scripts["prerm"], a.Scripts["pre-deinstall"] = x.out, x.out
	}
	text, err := p.Text()
	if err != nil {
		return anywhere{}, err
	}
	var b, c bytes.Buffer
	if err := errors.Join(p.Write(&b), a.Write(&c)); err != nil {
		return anywhere{}, err
	}
	if x.most > 0 && b.Len() > x.most {
		return anywhere{}, fmt.Errorf("%s has %d bytes, its budget is %d: make it smaller", p.File(), b.Len(), x.most)
	}
	return anywhere{feed.Entry{File: p.File(), Control: text, Data: b.Bytes()}, a, c.Bytes()}, nil
}

// offer puts the package into the feed of an architecture.
func (j *job) offer(arch string, o *offer, x *anywhere) error {
	o.ipk = append(o.ipk, x.ipk)
	o.apk.Packages, o.apk.Sizes = append(o.apk.Packages, x.apk), append(o.apk.Sizes, int64(len(x.bytes)))
	return errors.Join(j.save(j.feed(arch), x.ipk.File, x.ipk.Data), j.save(j.feed(arch), x.apk.File(), x.bytes))
}
