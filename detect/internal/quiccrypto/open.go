package quiccrypto

// Open removes the protection of a packet with a long header (RFC 9001,
// sections 5.3 and 5.4). packet goes from the first byte to the end of the
// packet as its length field says, number is where the packet number begins.
// The text is in scratch. False where scratch is too small, or the tag wrong;
// the tag is not looked at where sound accepts the text, which may be nil.
func (k *Keys) Open(packet []byte, number int, scratch []byte, sound func(text []byte) bool) (text []byte, ok bool) {
	const sample = 4 // from the packet number's first byte, as if it had four
	if number+sample+TagSize > len(packet) || len(packet) > len(scratch) {
		return nil, false
	}
	var mask [16]byte
	k.hp.encrypt(&mask, (*[16]byte)(packet[number+sample:]))
	first := packet[0] ^ mask[0]&0x0f
	size := int(first&3) + 1

	header := scratch[:number+size]
	copy(header, packet)
	header[0] = first
	nonce := k.iv
	for i := range size {
		header[number+i] ^= mask[1+i]
		nonce[len(nonce)-size+i] ^= header[number+i]
	}
	text = decrypt(&k.key, &nonce, packet[number+size:], scratch[number+size:])
	if sound != nil && sound(text) || genuine(&k.key, &nonce, header, packet[number+size:]) {
		return text, true
	}
	return nil, false
}
