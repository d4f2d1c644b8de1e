/* SPDX-License-Identifier: MIT */
/*
 * vfork cannot be a C function: parent and child return through the same stack
 * slot, one after the other. As in glibc the return address waits in a register
 * that the kernel keeps. The thread-local is shared as well: while the child
 * runs the thread counts as lent (struct probe_thread: generation at 0,
 * saved_generation at 4, quiet at 44), and no hook records.
 */
	.text
	.globl	vfork
	.type	vfork, @function
vfork:
	.cfi_startproc
	endbr64
	movq	probe_thread@gottpoff(%rip), %rdx
	cmpl	$0, %fs:44(%rdx)	/* vfork in a child of vfork: lent already */
	jne	0f
	movl	%fs:(%rdx), %eax
	movl	%eax, %fs:4(%rdx)
	movl	$-1, %fs:(%rdx)
0:	incl	%fs:44(%rdx)
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	movl	$58, %eax
	syscall
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	.cfi_offset %rip, -8
	testq	%rax, %rax
	je	1f
	decl	%fs:44(%rdx)
	jne	3f
	movl	%fs:4(%rdx), %ecx
	movl	%ecx, %fs:(%rdx)
3:
	cmpq	$-4095, %rax
	jae	2f
	pushq	%rax
	.cfi_adjust_cfa_offset 8
	movl	%eax, %edi
	call	vfork_parent
	popq	%rax
	.cfi_adjust_cfa_offset -8
1:	ret
2:	negl	%eax
	pushq	%rax
	.cfi_adjust_cfa_offset 8
	call	__errno_location@PLT
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	movl	%ecx, (%rax)
	movl	$-1, %eax
	ret
	.cfi_endproc
	.size	vfork, .-vfork
	.section .note.GNU-stack, "", @progbits
