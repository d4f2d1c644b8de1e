/* SPDX-License-Identifier: MIT */
/*
 * Stacks that change hands without the C library:
 *
 *	void switch_to(void **from, void *to, long value);
 *		keeps this stack's place in *from and goes on at `to`; the other side's
 *		switch_to returns, or the function at its start is called with `value`.
 *	stack_end:
 *		where a function returns that was the first on its stack: hands over to
 *		the place in `back`, with its result in `result`. Nothing lies above.
 */
	.text
	.globl	switch_to
	.type	switch_to, @function
	.p2align 4
switch_to:
	.irp	r, rbp,rbx,r12,r13,r14,r15
	pushq	%\r
	.endr
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	movq	%rdx, %rdi
	xorl	%eax, %eax	/* a variadic function without vector arguments */
	.irp	r, r15,r14,r13,r12,rbx,rbp
	popq	%\r
	.endr
	ret
	.size	switch_to, .-switch_to

	.globl	stack_end
	.type	stack_end, @function
stack_end:
	movq	%rax, result(%rip)
	movq	back(%rip), %rsp
	.irp	r, r15,r14,r13,r12,rbx,rbp
	popq	%\r
	.endr
	ret
	.size	stack_end, .-stack_end

	.section .note.GNU-stack, "", @progbits
