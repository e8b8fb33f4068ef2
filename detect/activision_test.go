package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestActivision(t *testing.T) {
	const id = proto.Activision
	rest := "0200d3dded03961669981a27af4f381bc0a80015020c6c3deb1fa182"
	mustMatch(t, id, id, UDP, 33441, cx("0d"+rest), sx("0c"+rest))
	mustNot(t, id, UDP, 33441, cx("0d"+rest), sx("0d"+rest))
	mustNot(t, id, UDP, 33441, sx("0c"+rest))
}
