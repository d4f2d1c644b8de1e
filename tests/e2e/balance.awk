# SPDX-License-Identifier: MIT
# tpprobe dump | awk -f balance.awk: every task of a function that began ended once, in
# the process that it began in, or is running. Prints begins, ends, running, functions, mistakes, functions patched.
function field(name,	i) {
	for (i = 4; i <= NF; i++)
		if (index($i, name "=") == 1)
			return substr($i, length(name) + 2)
	return ""
}
$3 == "TASK_BEGIN" {
	id = field("task")
	split($2, who, "/")
	if (id in process || id in ended)
		mistakes++
	process[id] = who[1]
	name[id] = field("name")
	seen[name[id]] = 1
	begins++
}
$3 == "TASK_END" {
	id = field("task")
	split($2, who, "/")
	if (!(id in process)) {
		mistakes++
	} else if (process[id] == who[1]) {
		delete process[id]
		ended[id] = 1
		ends++
	}
}
$3 == "PATCHED" {
	patched += field("done")
}
END {
	running = 0
	for (id in process)
		running++
	functions = 0
	for (n in seen)
		functions++
	if (begins != ends + running)
		mistakes++
	print begins + 0, ends + 0, running, functions, mistakes + 0, patched + 0
}
