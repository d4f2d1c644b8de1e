/* SPDX-License-Identifier: MIT */
/*
 * Functions that cannot be patched, each for its reason, and what they give for 5:
 * jumped into, looped to, called from at once, moved never, too short before another.
 */
	.text

	.macro function name
	.globl	\name
	.type	\name, @function
\name:
	.cfi_startproc
	.endm
	.macro end name
	.cfi_endproc
	.size	\name, .-\name
	.endm

	.p2align 4
	function t_jumped_into		/* 5 + 4 + 3 + 2 + 1 = 15 */
	movl	%edi, %eax
	jmp	2f
1:	nop
	addl	%edi, %eax
2:	decl	%edi
	jnz	1b
	ret
	end t_jumped_into

	.p2align 4
	function t_loops_to_entry	/* 0 */
	decl	%edi
	movl	%edi, %eax
	jnz	t_loops_to_entry
	ret
	end t_loops_to_entry

	.p2align 4
	function t_calls_at_once	/* of its second argument */
	.cfi_adjust_cfa_offset 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	call	*%rsi
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	ret
	end t_calls_at_once

	.p2align 4
	function t_cannot_move		/* 5 */
	movl	%edi, %ecx
	jrcxz	1f
	movl	%edi, %eax
1:	ret
	end t_cannot_move

	.p2align 4
	function t_short		/* 6 */
	leal	1(%rdi), %eax
	ret
	end t_short
	function t_follows		/* 12; at the next byte */
	leal	2(%rdi,%rdi), %eax
	nop
	ret
	end t_follows

	.p2align 4
	function t_returns_to		/* 1: who calls */
	movq	(%rsp), %rax
	testq	%rax, %rax
	setnz	%al
	movzbl	%al, %eax
	ret
	end t_returns_to

	.section .note.GNU-stack, "", @progbits
