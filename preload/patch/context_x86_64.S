/* SPDX-License-Identifier: MIT */
/*
 * swapcontext: the program may come back more than once to where it was saved (by
 * setcontext), long after a frame of ours would have gone. So there is none: what has
 * to be known then stands in the context itself (struct context_saved), whose saved
 * rbx leads to it, and come_back puts the caller's registers right again.
 */
#include "frame.h"

	.text
	.globl	swapcontext
	.type	swapcontext, @function
swapcontext:
	.cfi_startproc
	endbr64
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	pushq	%rsi
	.cfi_adjust_cfa_offset 8
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	context_leave
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%rsi
	.cfi_adjust_cfa_offset -8
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	testl	%eax, %eax
	jz	1f
	movq	%rbx, CONTEXT_RBX(%rdi)
	movq	(%rsp), %rax
	movq	%rax, CONTEXT_CALLER(%rdi)
	movq	%rdi, %rbx
	/* rbx and the return address: behind what rbx points to */
	.cfi_escape 0x10, 3, 3, 0x73, CONTEXT_RBX & 0x7f | 0x80, CONTEXT_RBX >> 7
	.cfi_escape 0x10, 16, 3, 0x73, CONTEXT_CALLER & 0x7f | 0x80, CONTEXT_CALLER >> 7
	leaq	come_back(%rip), %rax
	movq	%rax, (%rsp)
1:	jmp	*real_swapcontext(%rip)
	.cfi_endproc
	.size	swapcontext, .-swapcontext

	.type	come_back_frame, @function
come_back_frame:
	.cfi_startproc
	.cfi_def_cfa %rsp, 0
	.cfi_escape 0x10, 3, 3, 0x73, CONTEXT_RBX & 0x7f | 0x80, CONTEXT_RBX >> 7
	.cfi_escape 0x10, 16, 3, 0x73, CONTEXT_CALLER & 0x7f | 0x80, CONTEXT_CALLER >> 7
	nop		/* unwinders look for the byte before a return address */
come_back:
	subq	$16, %rsp
	.cfi_adjust_cfa_offset 16
	movq	%rax, (%rsp)
	movq	CONTEXT_CALLER(%rbx), %rax
	movq	%rax, 8(%rsp)
	movq	%rbx, %rdi
	call	context_back
	movq	(%rsp), %rax
	.cfi_offset %rip, -8
	movq	CONTEXT_RBX(%rbx), %rbx
	.cfi_restore %rbx
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	ret
	.cfi_endproc
	.size	come_back_frame, .-come_back_frame
	.section .note.GNU-stack, "", @progbits
