/* SPDX-License-Identifier: MIT */
/*
 * What a record says: enums and accessors made from events.def, counters.def
 * and hooks.def. How it lies in memory: ring.h.
 *
 * An event in hand is its type, its stamp and an array of value words v[]:
 *
 *	uint64_t bytes = event_IO_result(v);
 *
 * Emitted format: the collector and, through the segments, the analyzer read
 * it. Every number here is permanent: append, never renumber.
 */
#ifndef TPPROBE_EVENT_H
#define TPPROBE_EVENT_H

#include <stddef.h>
#include <stdint.h>

enum event_type {
	EVENT_NOP = 0, /* abandoned or padding: skip one slot */
#define EVENT(id, name, class, words, meaning) EVENT_##name = id,
#define FIELD(event, field, word, shift, bits, encoding, meaning)
#include "events.def"
#undef EVENT
#undef FIELD
	EVENT_TYPES = 64
};

/* One accessor per field: the value, zero-extended to 64 bits. SIGNED fields
 * are sign-extended; cast the result to int64_t. */
#define EVENT_MASK(bits) ((bits) >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << ((bits)&63)) - 1)
#define EVENT_EXTEND_PLAIN(x, bits) (x)
#define EVENT_EXTEND_DELTA(x, bits) (x)
#define EVENT_EXTEND_SIGNED(x, bits) ((uint64_t)((int64_t)((x) << (64 - (bits))) >> (64 - (bits))))
#define EVENT(id, name, class, words, meaning)
#define FIELD(event, field, word, shift, bits, encoding, meaning)                                  \
	static inline uint64_t event_##event##_##field(const uint64_t *v)                          \
	{                                                                                          \
		uint64_t x = v[word] >> (shift)&EVENT_MASK(bits);                                  \
		return EVENT_EXTEND_##encoding(x, bits);                                           \
	}
#include "events.def"
#undef EVENT
#undef FIELD

enum counter_id {
#define COUNTER(id, name, unit, meaning) COUNTER_##name = id,
#include "counters.def"
#undef COUNTER
	COUNTER_COUNT
};

enum call {
	CALL_none = 0,
#define HOOK(id, group, does, version, ret, name, params, args) CALL_##name = id,
#include "hooks.def"
#undef HOOK
	CALL_LIMIT = 1024
};

/* What a call means (hooks.def). */
enum call_does {
	DOES_nothing = 0,
	DOES_HEAP,
	DOES_MAP,
	DOES_READ,
	DOES_WRITE,
	DOES_OPEN,
	DOES_CLOSE,
	DOES_FD,
	DOES_META,
	DOES_SEEK,
	DOES_SETUP,
	DOES_SLEEP,
	DOES_SYNC,
	DOES_LOCK,
	DOES_WAKE,
	DOES_CHILD,
	DOES_THROW,
	DOES_PASS,
};

static inline enum call_does call_does(unsigned call)
{
	switch (call) {
#define HOOK(id, group, does, version, ret, name, params, args)                                    \
	case id:                                                                                   \
		return DOES_##does;
#include "hooks.def"
#undef HOOK
	default:
		return DOES_nothing;
	}
}

/* A descriptor's kind. Sockets count as network, all else as file I/O. */
enum fd_kind {
	FD_KIND_unknown = 0,
	FD_KIND_file,
	FD_KIND_directory,
	FD_KIND_pipe,
	FD_KIND_terminal,
	FD_KIND_device,
	FD_KIND_socket_inet,
	FD_KIND_socket_inet6,
	FD_KIND_socket_unix,
	FD_KIND_socket_other,
	FD_KIND_other, /* eventfd, epoll, memfd … */
};

static inline int fd_kind_is_socket(unsigned kind)
{
	return kind >= FD_KIND_socket_inet && kind <= FD_KIND_socket_other;
}

enum wait_reason {
	WAIT_sync = 1, /* join, condition, child */
	WAIT_sleep,    /* nanosleep, poll */
	WAIT_network,  /* connect, accept */
	WAIT_io,       /* file locks, message queues */
	WAIT_lock,     /* never in a record: those are LOCK_WAIT */
};

enum process_how {
	PROCESS_image = 1, /* the constructor ran: started, or became another program */
	PROCESS_forked,	   /* a copy of its parent */
};

enum thread_how {
	THREAD_main = 1,
	THREAD_created, /* pthread_create */
	THREAD_foreign, /* seen first in a hook: raw clone, or made before us */
	THREAD_resumed, /* after its THREAD_END: destructors of thread-specific data */
};

enum end_how {
	END_return = 1,	  /* main or the thread's function returned, or exit() */
	END_pthread_exit, /* or cancelled */
	END_exit_now,	  /* _exit, _Exit */
	END_quick_exit,
	END_abort,
};

enum uninstrumented_why {
	WHY_static = 1,	      /* no dynamic loader: static, Go */
	WHY_other_class,      /* 32-bit, or another machine */
	WHY_other_libc,	      /* musl */
	WHY_privileged,	      /* set-user-id, set-group-id, file capabilities */
	WHY_not_followed,     /* --follow said no */
	WHY_probe_unreadable, /* the .so cannot be opened from there */
	WHY_seccomp,	      /* its parent's filter may not allow what we do at the start */
	WHY_other_user,	      /* its parent gave up the ids that may open the session */
};

enum task_source {
	SOURCE_function = 1, /* --task */
	SOURCE_api,	     /* tpprobe.h */
	SOURCE_itt,	     /* Intel ITT */
};

enum {			    /* TASK_BEGIN.flags */
       TASK_FLAG_async = 1, /* never the current task of a thread; ends anywhere */
};

enum task_end_how {
	TASK_END_return = 1,
	TASK_END_failed,    /* what it returned met `fail=`, or the program said so */
	TASK_END_exception, /* one passed through */
	TASK_END_cancelled, /* forced unwinding: pthread_cancel */
	TASK_END_exited,    /* forced unwinding: pthread_exit */
	TASK_END_jumped,    /* longjmp over it (TASK_JUMP; the probe never writes it) */
};

enum value_type {
	VALUE_signed = 1,
	VALUE_unsigned,
	VALUE_float, /* the bits of a double */
	VALUE_text,  /* id of a TEXT_VALUE of the same thread, which goes before */
};

enum patch_why {
	PATCH_done = 0,
	PATCH_late,	 /* the plan did not come in time */
	PATCH_threads,	 /* other threads run already */
	PATCH_no_memory, /* no room for code within reach of the object */
	PATCH_denied, /* its code cannot be written: seccomp, /proc/self/mem and mprotect refused */
	PATCH_changed,	/* its code in memory is not what the file says */
	PATCH_bad_plan, /* damaged, or of another version */
	PATCH_no_plan,	/* it was made, but cannot be opened from here */
};

enum exception_kind {
	EXCEPTION_cxx = 1, /* the name is the mangled one of the type */
	EXCEPTION_rust,	   /* a panic */
	EXCEPTION_foreign, /* another language's, by its exception class */
};

enum { /* MAP.flags */
       MAP_FLAG_anonymous = 1,
       MAP_FLAG_shared = 2,
       MAP_FLAG_executable = 4,
       MAP_FLAG_stack = 8,
};

enum text_kind {
	TEXT_PATH = 1, /* id: file id */
	TEXT_ADDRESS,  /* id: file id of a socket; printable */
	TEXT_ARGV,     /* id: 0; arguments, each closed by NUL, of the thread's process image */
	TEXT_CWD,      /* id: 0; of the process image */
	TEXT_EXE,      /* id: 0; /proc/self/exe of the process image */
	TEXT_EXEC,     /* id: number that EXEC or UNINSTRUMENTED refers to */
	TEXT_MODULE,   /* id: number that MODULE refers to */
	TEXT_COMM,     /* id: 0; name of the thread */
	TEXT_PATH_AT, /* id: file id; 4 bytes: file id of the directory, little-endian; then the relative path */
	TEXT_LOCAL_ADDRESS, /* id: file id of a socket; its own end, printable */
	TEXT_COMM_OF, /* id: 0; 4 bytes: THREAD_CREATE.handle of a thread, little-endian; then its name */
	TEXT_TYPE, /* id: number that EXCEPTION refers to */
	TEXT_FUNCTION, /* id: TASK_BEGIN.name; name, symbol, module path, other names: each closed by NUL */
	TEXT_TASK,   /* id: TASK_BEGIN.name of a task that the program itself marks */
	TEXT_METRIC, /* id: number that METRIC refers to */
	TEXT_PLAN,   /* id: number that PATCHED refers to; path of the object */
	TEXT_VALUE,  /* id: METRIC.value of a VALUE_text */
};
enum { TEXT_MORE = 1 };

#endif
