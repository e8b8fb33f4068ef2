//go:build !freebsd

package pftable

import "errors"

func openDevice() (device, error) {
	return nil, errors.New("tables of pf are there on FreeBSD only: take nftset on Linux")
}
