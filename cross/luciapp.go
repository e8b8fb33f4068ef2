package main

import (
	"fmt"
	"os"
	"path/filepath"

	"netifyd/cross/luci"
	"netifyd/cross/tree"
)

// luciMax is the budget of the pages' ipk in bytes; 29 900 on 2026-12-01.
const luciMax = 32 << 10

// luciRefresh makes LuCI look for pages and rights anew, as luci.mk does.
const luciRefresh = `#!/bin/sh
[ -n "${IPKG_INSTROOT}" ] || {
	rm -f /tmp/luci-indexcache.*
	rm -rf /tmp/luci-modulecache/
	/etc/init.d/rpcd reload
	exit 0
}
`

// pages are LuCI's pages and their translations.
func (j *job) pages() ([]part, error) {
	dir := filepath.Join(j.root, "openwrt", "luci-app-netifyd")
	files, err := luci.Files(dir, j.time)
	if err != nil {
		return nil, err
	}
	all := []part{{name: "luci-app-netifyd", text: "LuCI: who uses what, and the settings of netifyd", section: "luci", depends: []string{"libc", "luci-base", agent}, files: files, in: luciRefresh, most: luciMax}}
	for _, lang := range []string{"de", "fr"} {
		data, err := os.ReadFile(filepath.Join(dir, "po", lang, "netifyd.po"))
		if err != nil {
			return nil, err
		}
		messages, err := luci.ReadPO(data)
		if err != nil {
			return nil, fmt.Errorf("po/%s/netifyd.po: %w", lang, err)
		}
		t := &tree.Tree{Time: j.time}
		t.Add("/usr/lib/lua/luci/i18n/netifyd."+lang+".lmo", 0o644, luci.LMO(messages))
		all = append(all, part{name: "luci-i18n-netifyd-" + lang, text: "Translation of luci-app-netifyd: " + lang, section: "luci", depends: []string{"libc", "luci-app-netifyd"}, files: t, in: luciRefresh})
	}
	return all, nil
}
