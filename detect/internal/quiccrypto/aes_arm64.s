#include "textflag.h"

// func encryptAES(k *aesKey, dst, src *[64]byte)
// Four blocks with the cryptographic extension (Arm Architecture Reference Manual, AESE, AESMC).
// One round of a block takes as long as those of four.
TEXT ·encryptAES(SB), NOSPLIT, $0-24
	MOVD k+0(FP), R0
	MOVD dst+8(FP), R1
	MOVD src+16(FP), R2
	VLD1 (R2), [V0.B16, V1.B16, V2.B16, V3.B16]
	MOVD $9, R3
round:
	VLD1.P 16(R0), [V4.B16]
	AESE V4.B16, V0.B16
	AESMC V0.B16, V0.B16
	AESE V4.B16, V1.B16
	AESMC V1.B16, V1.B16
	AESE V4.B16, V2.B16
	AESMC V2.B16, V2.B16
	AESE V4.B16, V3.B16
	AESMC V3.B16, V3.B16
	SUBS $1, R3
	BNE round
	VLD1 (R0), [V4.B16, V5.B16]
	AESE V4.B16, V0.B16
	AESE V4.B16, V1.B16
	AESE V4.B16, V2.B16
	AESE V4.B16, V3.B16
	VEOR V5.B16, V0.B16, V0.B16
	VEOR V5.B16, V1.B16, V1.B16
	VEOR V5.B16, V2.B16, V2.B16
	VEOR V5.B16, V3.B16, V3.B16
	VST1 [V0.B16, V1.B16, V2.B16, V3.B16], (R1)
	RET
