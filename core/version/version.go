// Package version is the one place that knows the version of this project.
package version

// Number is the version of the programs and of their packages. The Makefile and
// cross read this line; a test holds openwrt/netifyd/Makefile to it. The linker
// may set another with -X.
var Number = "0.2.0"
