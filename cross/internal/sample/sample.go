// Package sample is the tree that the writers are tried with.
package sample

import (
	"bytes"
	"time"

	"netifyd/cross/tree"
)

// Time is what all its files carry.
var Time = time.Unix(1767225600, 0).UTC()

// Program is data that compresses, but not to nothing.
func Program() []byte {
	var b bytes.Buffer
	for i := range 70000 {
		b.WriteByte(byte(i * i >> 7))
	}
	return b.Bytes()
}

// Tree has a program, configuration, an empty file and an empty directory.
func Tree() *tree.Tree {
	t := &tree.Tree{Time: Time}
	t.Add("/usr/sbin/agent", 0o755, Program())
	t.AddConf("/etc/config/agent", 0o600, []byte("config agent\n\toption enabled '1'\n"))
	t.AddConf("/etc/agent.conf", 0o644, []byte("a = 1\n"))
	t.Add("/etc/agent/empty", 0o644, nil)
	t.Add("/etc/agent/apps.d/", 0o750, nil)
	t.Add("/etc/init.d/agent", 0o755, []byte("#!/bin/sh\n"))
	return t
}
