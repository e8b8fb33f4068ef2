package detect

import "netifyd/core/proto"

// Arcus, by which the platform of i3D.net manages game servers
// (https://github.com/i3D-net/ONE-GameHosting-SDK): either side begins with
// its name, a version and three zero bytes.
var i3dCard = Protocol{ID: proto.I3D, Over: TCP, Limit: 16, Inspect: inspectI3D}

func inspectI3D(in *Input, _ *Result) Verdict {
	return eitherWay(in, func(b []byte) Verdict { return begins(b, "arc\x00\x01\x00\x00\x00") })
}
