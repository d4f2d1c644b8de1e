/* SPDX-License-Identifier: MIT */
/*
 * Semaphores and message queues between processes, and asynchronous I/O's own wait.
 * Waiting for a message counts as I/O: it is data that comes.
 */
#include "waiting.h"

#define QUEUE(type, name, reason, params, args, object)                                            \
	type name params                                                                           \
	{                                                                                          \
		struct io_call c;                                                                  \
                                                                                                   \
		if (!wait_begin(&c, reason))                                                       \
			return real_##name args;                                                   \
		return (type)wait_end_errno(&c, CALL_##name, reason, object, real_##name args);    \
	}

QUEUE(int, semop, WAIT_sync, (int id, struct sembuf *ops, size_t n), (id, ops, n), (uint32_t)id)
QUEUE(int, semtimedop, WAIT_sync,
      (int id, struct sembuf *ops, size_t n, const struct timespec *limit), (id, ops, n, limit),
      (uint32_t)id)
QUEUE(ssize_t, msgrcv, WAIT_io, (int id, void *message, size_t n, long type, int flags),
      (id, message, n, type, flags), (uint32_t)id)
QUEUE(int, msgsnd, WAIT_io, (int id, const void *message, size_t n, int flags),
      (id, message, n, flags), (uint32_t)id)
QUEUE(int, mq_send, WAIT_io, (mqd_t queue, const char *message, size_t n, unsigned priority),
      (queue, message, n, priority), (uint32_t)queue)
QUEUE(ssize_t, mq_receive, WAIT_io, (mqd_t queue, char *message, size_t n, unsigned *priority),
      (queue, message, n, priority), (uint32_t)queue)
QUEUE(int, mq_timedsend, WAIT_io,
      (mqd_t queue, const char *message, size_t n, unsigned priority, const struct timespec *until),
      (queue, message, n, priority, until), (uint32_t)queue)
QUEUE(ssize_t, mq_timedreceive, WAIT_io,
      (mqd_t queue, char *message, size_t n, unsigned *priority, const struct timespec *until),
      (queue, message, n, priority, until), (uint32_t)queue)
QUEUE(int, aio_suspend, WAIT_io,
      (const struct aiocb *const list[], int n, const struct timespec *limit), (list, n, limit), 0)
QUEUE(int, aio_suspend64, WAIT_io,
      (const struct aiocb64 *const list[], int n, const struct timespec *limit), (list, n, limit),
      0)
