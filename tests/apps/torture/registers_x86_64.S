/* SPDX-License-Identifier: MIT */
/*
 * Every register that a call may carry, filled by `drive` before it calls t_regs,
 * seen by t_regs at its entry, filled by t_regs at its end where it is the caller
 * who saves, and seen by `drive` after the call. Layout: struct state of registers.c.
 */
#define GPR(n)	(8 * (n))	/* rax rbx rcx rdx rsi rdi rbp r8 … r15 rsp-misalignment */
#define FLAGS	128
#define MXCSR	136
#define FPUCW	140
#define X87	144		/* one long double, 16 bytes */
#define XMM	192		/* 16 of 32 bytes */
#define ZMM	704		/* 32 of 64 bytes, then k0 … k7 */
#define K	2752

	.macro store_vectors base
	cmpl	$2, wide(%rip)
	jb	9f
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	vmovups	%ymm\n, \base+XMM+32*\n(%rip)
	.endr
	cmpl	$3, wide(%rip)
	jb	8f
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	vmovups	%zmm\n, \base+ZMM+64*\n(%rip)
	.endr
	.irp	n, 0,1,2,3,4,5,6,7
	kmovw	%k\n, \base+K+8*\n(%rip)
	.endr
	jmp	8f
9:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	movups	%xmm\n, \base+XMM+32*\n(%rip)
	.endr
8:
	.endm

	.macro load_vectors base
	cmpl	$2, wide(%rip)
	jb	9f
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	vmovups	\base+XMM+32*\n(%rip), %ymm\n
	.endr
	cmpl	$3, wide(%rip)
	jb	8f
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	vmovups	\base+ZMM+64*\n(%rip), %zmm\n
	.endr
	.irp	n, 0,1,2,3,4,5,6,7
	kmovw	\base+K+8*\n(%rip), %k\n
	.endr
	jmp	8f
9:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	movups	\base+XMM+32*\n(%rip), %xmm\n
	.endr
8:
	.endm

	/* The flags register comes last: to look at it takes the stack and rax. */
	.macro store_all base
	movq	%rax, \base+GPR(0)(%rip)
	movq	%rbx, \base+GPR(1)(%rip)
	movq	%rcx, \base+GPR(2)(%rip)
	movq	%rdx, \base+GPR(3)(%rip)
	movq	%rsi, \base+GPR(4)(%rip)
	movq	%rdi, \base+GPR(5)(%rip)
	movq	%rbp, \base+GPR(6)(%rip)
	movq	%r8,  \base+GPR(7)(%rip)
	movq	%r9,  \base+GPR(8)(%rip)
	movq	%r10, \base+GPR(9)(%rip)
	movq	%r11, \base+GPR(10)(%rip)
	movq	%r12, \base+GPR(11)(%rip)
	movq	%r13, \base+GPR(12)(%rip)
	movq	%r14, \base+GPR(13)(%rip)
	movq	%r15, \base+GPR(14)(%rip)
	movq	%rsp, %rax
	andq	$15, %rax
	movq	%rax, \base+GPR(15)(%rip)
	pushfq
	.cfi_adjust_cfa_offset 8
	popq	%rax
	.cfi_adjust_cfa_offset -8
	movq	%rax, \base+FLAGS(%rip)
	stmxcsr	\base+MXCSR(%rip)
	fnstcw	\base+FPUCW(%rip)
	fstpt	\base+X87(%rip)
	fldt	\base+X87(%rip)
	store_vectors \base
	.endm

	.text
	.globl	t_regs
	.type	t_regs, @function
	.p2align 4
t_regs:
	.cfi_startproc
	store_all at_entry
	load_vectors give
	movq	give+GPR(0)(%rip), %rax
	movq	give+GPR(2)(%rip), %rcx
	movq	give+GPR(3)(%rip), %rdx
	movq	give+GPR(4)(%rip), %rsi
	movq	give+GPR(5)(%rip), %rdi
	movq	give+GPR(7)(%rip), %r8
	movq	give+GPR(8)(%rip), %r9
	movq	give+GPR(9)(%rip), %r10
	movq	give+GPR(10)(%rip), %r11
	ret
	.cfi_endproc
	.size	t_regs, .-t_regs

	.globl	drive
	.type	drive, @function
	.p2align 4
drive:
	.cfi_startproc
	.irp	r, rbx,rbp,r12,r13,r14,r15
	pushq	%\r
	.cfi_adjust_cfa_offset 8
	.endr
	subq	$24, %rsp
	.cfi_adjust_cfa_offset 24
	stmxcsr	(%rsp)
	fnstcw	8(%rsp)
	ldmxcsr	want+MXCSR(%rip)
	fldcw	want+FPUCW(%rip)
	fldt	want+X87(%rip)
	load_vectors want
	movq	want+GPR(0)(%rip), %rax
	movq	want+GPR(1)(%rip), %rbx
	movq	want+GPR(2)(%rip), %rcx
	movq	want+GPR(3)(%rip), %rdx
	movq	want+GPR(4)(%rip), %rsi
	movq	want+GPR(5)(%rip), %rdi
	movq	want+GPR(6)(%rip), %rbp
	movq	want+GPR(7)(%rip), %r8
	movq	want+GPR(8)(%rip), %r9
	movq	want+GPR(9)(%rip), %r10
	movq	want+GPR(10)(%rip), %r11
	movq	want+GPR(11)(%rip), %r12
	movq	want+GPR(12)(%rip), %r13
	movq	want+GPR(13)(%rip), %r14
	movq	want+GPR(14)(%rip), %r15
	call	t_regs
	store_all at_return
	fstp	%st(0)
	ldmxcsr	(%rsp)
	fldcw	8(%rsp)
	cmpl	$2, wide(%rip)
	jb	1f
	vzeroupper
1:
	addq	$24, %rsp
	.cfi_adjust_cfa_offset -24
	.irp	r, r15,r14,r13,r12,rbp,rbx
	popq	%\r
	.cfi_adjust_cfa_offset -8
	.endr
	ret
	.cfi_endproc
	.size	drive, .-drive

	.section .note.GNU-stack, "", @progbits
