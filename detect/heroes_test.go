package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestHeroes(t *testing.T) {
	const id = proto.HerosOfTheStorm
	mine := []said{
		cx("e65d3400 972714f73f95aae03e36 4000 1abc 63b3 2ac9fda5"),
		cx("e65d3400 2f9dbb1381e6d0767964 4000 1ac0 63bf"),
		cx("e65d3400 01b319e263dcd5ea329a 4000 1ac0 63bf b908990d"),
		cx("e65d3400 3f0d51405cdd5635bec6 4000 1ac4 63cb 8346ab62"),
		cx("e65d3400 4f90ba9b3bafc98fad7c 4000 1ac8 63d7 0b3b60f7"),
	}
	mustMatch(t, id, id, UDP, 3724, mine...)
	mustNot(t, id, UDP, 3724, mine[:3]...)
	mustNot(t, id, UDP, 3724, mine[0], mine[2], mine[0], mine[4])
	zero := strings.Repeat("00", 14)
	theirs := []said{sx(zero + "4000 bcb6 4a77 d8dde9c9"), sx(zero + "4000 bcba 4a7b 1d8e55c4"), sx(zero + "4010 bcba 4a7b 1d8e55c4"), sx(zero + "4000 bcbe 4a7f d1d58657"), sx(zero + "4000 bcc2 4a7f d1d58657")}
	mustMatch(t, id, id, UDP, 3724, theirs...)
	mustNot(t, id, UDP, 3724, theirs[0], theirs[0], theirs[0], theirs[0])
}
