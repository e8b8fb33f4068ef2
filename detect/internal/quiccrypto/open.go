package quiccrypto

// Open removes the protection of a packet with a long header (RFC 9001,
// sections 5.3 and 5.4). packet goes from the first byte to the end of the
// packet as its length field says, number is where the packet number begins.
// The text is in scratch. False where scratch is too small, or the tag wrong.
// sound, which may be nil, is asked about the text from its start on, as it is
// opened: what it accepts is the result, and nobody looks at the rest and the
// tag; nor does anybody where it sees garbage, which other keys would open.
func (k *Keys) Open(packet []byte, number int, scratch []byte, sound func(text []byte, whole bool) (sound, garbage bool)) (text []byte, ok bool) {
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
	sealed := packet[number+size:]
	text = scratch[number+size:][:len(sealed)-TagSize]
	for at := 0; at < len(text); {
		end := min(at+step, len(text))
		decrypt(&k.key, &nonce, sealed[at:end], text[at:end], at)
		at = end
		if sound == nil {
			continue
		}
		switch ok, garbage := sound(text[:at], at == len(text)); {
		case ok:
			return text[:at], true
		case garbage:
			return nil, false
		}
	}
	return text, genuine(&k.key, &nonce, header, sealed)
}

// step is how much is opened before it is looked at: a multiple of 16 that
// many a hello fits into.
const step = 320
