/* SPDX-License-Identifier: MIT */
/*
 * Where a patched function is entered: its stub has pushed rbp, set it, and pushed
 * the function's descriptor (frame.h). Every register that may carry an argument, or
 * that a caller which knows the callee may rely on (gcc -fipa-ra), is kept; vector,
 * x87 and mask registers are not touched at all.
 *
 * One ordinary frame with static CFI: unwinders, debuggers and exceptions go
 * through, and the personality routine ends the task when they do. Calls and
 * returns stay paired.
 */
#include "frame.h"

	.macro	keep_registers
	movq	%rax, -FRAME_RAX(%rbp)
	movq	%rdi, -FRAME_RDI(%rbp)
	movq	%rsi, -FRAME_RSI(%rbp)
	movq	%rdx, -FRAME_RDX(%rbp)
	movq	%rcx, -FRAME_RCX(%rbp)
	movq	%r8, -FRAME_R8(%rbp)
	movq	%r9, -FRAME_R9(%rbp)
	movq	%r10, -FRAME_R10(%rbp)
	movq	%r11, -FRAME_R11(%rbp)
	.endm

	.macro	take_registers
	movq	-FRAME_RAX(%rbp), %rax
	movq	-FRAME_RDI(%rbp), %rdi
	movq	-FRAME_RSI(%rbp), %rsi
	movq	-FRAME_RDX(%rbp), %rdx
	movq	-FRAME_RCX(%rbp), %rcx
	movq	-FRAME_R8(%rbp), %r8
	movq	-FRAME_R9(%rbp), %r9
	movq	-FRAME_R10(%rbp), %r10
	movq	-FRAME_R11(%rbp), %r11
	.endm

	/* entry: what is above the return address is the caller's. */
	.macro	begin_frame name
	.globl	\name
	.hidden	\name
	.type	\name, @function
	.balign	64
\name:
	.cfi_startproc
	.cfi_personality 0x1b, task_personality
	.cfi_def_cfa %rbp, 16
	.cfi_offset %rbp, -16
	endbr64
	/* Nothing to end yet, for a thread that is cancelled before the task has begun. */
	movq	$0, -FRAME_ID(%rbp)
	.endm

	/* Stack pointer at \depth below rbp; the frame is filled and its task begun. */
	.macro	call_function depth
	leaq	-\depth(%rbp), %rsp
	keep_registers
	leaq	-FRAME_TARGET(%rbp), %rdi
	call	task_enter
	/* Arguments on the stack are copied, as far as they are there: rax words of rcx. */
	movq	-FRAME_FUNCTION(%rbp), %rcx
	movl	FUNCTION_STACK_WORDS(%rcx), %ecx
	testl	%ecx, %ecx
	jz	2f
	andq	$-64, %rsp
	subq	%rax, %rcx
	negq	%rcx
	leaq	(%rsp,%rcx,8), %rsp
	testq	%rax, %rax
	jz	2f
1:	pushq	8(%rbp,%rax,8)
	decq	%rax
	jnz	1b
2:	take_registers
	call	*-FRAME_TARGET(%rbp)
	.endm

	.macro	leave_frame depth
	leaq	-\depth(%rbp), %rsp
	keep_registers
	leaq	-FRAME_TARGET(%rbp), %rdi
	call	task_leave
	take_registers
	leave
	.cfi_def_cfa %rsp, 8
	.cfi_restore %rbp
	ret
	.cfi_endproc
	.endm

	.text
	begin_frame task_thunk
	call_function FRAME_TARGET
	leave_frame FRAME_TARGET
	.size	task_thunk, .-task_thunk

	/* The same with a look at the vector registers: storing changes none. */
	begin_frame task_thunk_floats
	leaq	-FRAME_FLOATS(%rbp), %rsp
	movsd	%xmm0, -FRAME_FLOATS+0(%rbp)
	movsd	%xmm1, -FRAME_FLOATS+8(%rbp)
	movsd	%xmm2, -FRAME_FLOATS+16(%rbp)
	movsd	%xmm3, -FRAME_FLOATS+24(%rbp)
	movsd	%xmm4, -FRAME_FLOATS+32(%rbp)
	movsd	%xmm5, -FRAME_FLOATS+40(%rbp)
	movsd	%xmm6, -FRAME_FLOATS+48(%rbp)
	movsd	%xmm7, -FRAME_FLOATS+56(%rbp)
	call_function FRAME_FLOATS
	movsd	%xmm0, -FRAME_FLOATS(%rbp)
	leave_frame FRAME_FLOATS
	.size	task_thunk_floats, .-task_thunk_floats

	/* A call that only counts: no frame stays. The jump at the end needs no register:
	 * its target lies below the stack pointer, where the kernel keeps 128 bytes. */
	begin_frame event_thunk
	leaq	-FRAME_TARGET(%rbp), %rsp
	keep_registers
	leaq	-FRAME_TARGET(%rbp), %rdi
	call	event_enter
	movq	-FRAME_TARGET(%rbp), %rax
	movq	%rax, -FRAME_FUNCTION(%rbp)
	take_registers
	leave
	.cfi_def_cfa %rsp, 8
	.cfi_restore %rbp
	jmp	*-16(%rsp)
	.cfi_endproc
	.size	event_thunk, .-event_thunk

/*
 * void vectors_keep(void (*call)(void *), void *argument)
 */
	.globl	vectors_keep
	.hidden	vectors_keep
	.type	vectors_keep, @function
vectors_keep:
	.cfi_startproc
	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	pushq	%rbx
	.cfi_offset %rbx, -24
	movq	patch_vector_mask(%rip), %rbx
	movq	%rdi, %rcx
	subq	patch_vector_bytes(%rip), %rsp
	andq	$-64, %rsp
	testq	%rbx, %rbx
	jz	1f
	xorl	%eax, %eax
	movq	%rax, 512(%rsp)		/* the header: xsave fills in its first word, no more */
	movq	%rax, 520(%rsp)
	movq	%rax, 528(%rsp)
	movq	%rax, 536(%rsp)
	movq	%rax, 544(%rsp)
	movq	%rax, 552(%rsp)
	movq	%rax, 560(%rsp)
	movq	%rax, 568(%rsp)
	movl	%ebx, %eax
	xorl	%edx, %edx
	xsave64	(%rsp)
	movq	%rsi, %rdi
	call	*%rcx
	movl	%ebx, %eax
	xorl	%edx, %edx
	xrstor64 (%rsp)
	jmp	2f
1:	fxsave64 (%rsp)
	movq	%rsi, %rdi
	call	*%rcx
	fxrstor64 (%rsp)
2:	leaq	-8(%rbp), %rsp
	popq	%rbx
	popq	%rbp
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_endproc
	.size	vectors_keep, .-vectors_keep
	.section .note.GNU-stack, "", @progbits
