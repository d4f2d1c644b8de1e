# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# For tests of tasks that programs mark themselves: a trace in the words of
# tests/apps/api.c, in the order of the dump.
#
#	records DIR
#	begin ID NAME ASYNC PARENT | end ID completed|failed | metric ID NAME TYPE VALUE

records()
{
	"$TPPROBE" dump "$1" | LC_ALL=C grep -E '^[^ ]+ [^ ]+ (TASK_BEGIN|TASK_END|METRIC|TEXT) ' | LC_ALL=C awk '
		{
			for (i = 4; i <= NF && $i !~ /^text=/; i++) {
				at = index($i, "=")
				f[substr($i, 1, at - 1)] = substr($i, at + 1)
			}
		}
		$3 == "TEXT" && f["kind"] >= 14 {
			said = substr($0, index($0, " text=\"") + 7)
			text[f["id"]] = substr(said, 1, length(said) - 1)
		}
		$3 == "TASK_BEGIN" { line[++n] = "begin " f["task"]; name[n] = f["name"]; rest[n] = f["flags"] " " f["parent"] }
		$3 == "TASK_END" { line[++n] = "end " f["task"]; rest[n] = f["how"] == 1 ? "completed" : f["how"] == 2 ? "failed" : f["how"] }
		$3 == "METRIC" {
			line[++n] = "metric " f["task"]
			name[n] = f["name"]
			value = f["value"]
			if (f["type"] == 4) value = text[value]
			if (f["type"] == 1 && value ~ /^184467440737095/) # awk has no 64 bits
				value = substr(value, 16) - 51616
			rest[n] = (f["type"] == 1 ? "int" : f["type"] == 2 ? "uint" : f["type"] == 3 ? "double" : "text") " " value
		}
		END { # a name may have been told by another thread, behind its first task
			for (i = 1; i <= n; i++)
				print line[i] (i in name ? " " text[name[i]] : "") " " rest[i]
		}'
}
