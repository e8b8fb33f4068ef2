package detect

import "netifyd/core/proto"

// The Android Debug Bridge (AOSP, packages/modules/adb, protocol.txt): each
// message has a header of six words, little endian: command, two arguments,
// length and check sum of what follows, and the command with every bit turned over.
var adbCard = Protocol{ID: proto.ADB, Over: TCP, Ports: []uint16{5555}, Limit: 64, Inspect: inspectADB}

// adbCommands open a conversation, or are met in the middle of one.
var adbCommands = []string{"CNXN", "AUTH", "STLS", "OPEN", "OKAY", "WRTE", "CLSE"}

func inspectADB(in *Input, _ *Result) Verdict {
	return eitherWay(in, adbMessage)
}

func adbMessage(b []byte) Verdict {
	const magic = 20
	if v := beginsAny(b, adbCommands); v != Match {
		return v
	}
	for i := range 4 {
		if len(b) <= magic+i {
			return NeedMore
		}
		if b[magic+i] != ^b[i] {
			return No
		}
	}
	return Match
}
