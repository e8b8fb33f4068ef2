// Package luci lends the scripts of LuCI's pages to netifyctl web, which shows the same pages without LuCI.
package luci

import "embed"

// Files are the modules and pages as LuCI loads them, and their translations.
//
//go:embed htdocs/luci-static/resources/netifyd/*.js htdocs/luci-static/resources/view/netifyd/*.js htdocs/luci-static/resources/netifyd/netifyd.css po/*/netifyd.po
var Files embed.FS

// Resources is where LuCI's modules lie in Files.
const Resources = "htdocs/luci-static/resources/"
