//go:build !unix

package console

import "github.com/gdamore/tcell/v2"

// suspend has no meaning here.
func suspend(tcell.Screen) {}
