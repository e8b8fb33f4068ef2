package packet

const (
	metadataLen = 2 // version and length
	metadataV1  = 1 // version
	optionLen   = 4 // type and length, and the tag of a security group
)

// metadata reads what switches with Cisco TrustSec put behind the addresses of
// a frame: a version, the number of options of four bytes, the options, and
// then the true EtherType.
func (d *Decoder) metadata(b []byte, n int, v *View) Verdict {
	if len(b) < metadataLen || b[0] != metadataV1 {
		return NotIP
	}
	size := metadataLen + int(b[1])*optionLen
	if len(b) < size+2 {
		return Malformed
	}
	return d.typed(b[size:], n-size, v)
}
