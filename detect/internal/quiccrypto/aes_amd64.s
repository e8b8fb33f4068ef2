#include "textflag.h"

// func encryptAES(k *aesKey, dst, src *[64]byte)
// Four blocks with AES-NI (Intel 64 and IA-32 Architectures Software Developer's Manual, AESENC).
// One round of a block takes as long as those of four.
TEXT ·encryptAES(SB), NOSPLIT, $0-24
	MOVQ k+0(FP), AX
	MOVQ dst+8(FP), DI
	MOVQ src+16(FP), SI
	MOVOU (AX), X4
	MOVOU (SI), X0
	MOVOU 16(SI), X1
	MOVOU 32(SI), X2
	MOVOU 48(SI), X3
	PXOR X4, X0
	PXOR X4, X1
	PXOR X4, X2
	PXOR X4, X3
	MOVQ $9, CX
round:
	ADDQ $16, AX
	MOVOU (AX), X4
	AESENC X4, X0
	AESENC X4, X1
	AESENC X4, X2
	AESENC X4, X3
	DECQ CX
	JNZ round
	MOVOU 16(AX), X4
	AESENCLAST X4, X0
	AESENCLAST X4, X1
	AESENCLAST X4, X2
	AESENCLAST X4, X3
	MOVOU X0, (DI)
	MOVOU X1, 16(DI)
	MOVOU X2, 32(DI)
	MOVOU X3, 48(DI)
	RET
