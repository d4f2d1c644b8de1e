#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs that cannot load the probe are run as they are, and named.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

busybox=$(command -v busybox) || skip_all 'busybox is not installed'
file -L "$busybox" 2>/dev/null | grep -q 'dynamically' && skip_all 'busybox is not static'

capture child sh -c "$busybox echo from a static program; exit 4"
is "$(cat child.out)" 'from a static program' 'a static child does its work'
is "$(cat child.err)" '' 'and the loader prints nothing'
is "$status" 4 'status'
like "$(ask child '.capture.uninstrumented[0] | "\(.program) \(.why)"')" "^$busybox .*static" 'it is listed as uninstrumented'
is "$(ask child '.tasks[] | select(.parent == null) | .name')" sh 'its parent is captured'

capture itself "$busybox" sh -c 'echo out; exit 3'
is "$(cat itself.out)" out 'a static command does its work'
is "$status" 3 'its status is its own'
like "$(ask itself '.capture.uninstrumented | tostring')" busybox 'and it is listed'
is "$(ask itself '.run | "\(.status) \(.exit_code)"')" 'failed 3' 'what is known of the run is told'

# Between two that are captured: the one below is found again through the environment.
capture middle sh -c "$busybox sh -c '/usr/bin/sort --version' >/dev/null"
is "$status" 0 'a captured program below a static one'

# Set-user-id programs drop the preload; they are named.
if (($(id -u) == 0)) && [[ -u $(command -v su) ]] && command -v setpriv >/dev/null; then
	mkdir open && chmod 777 open
	chmod o+x . .. ../..
	(cd open && setpriv --reuid 65534 --regid 65534 --clear-groups env LD_PRELOAD="$PROBE" TPPROBE_OUT="$PWD/t" \
		sh -c 'su --version; exit 0' >../su.out 2>../su.err)
	wait_complete open/t
	is "$(cat su.err)" '' 'a set-user-id child: the loader prints nothing'
	like "$(ask open/t '.capture.uninstrumented | tostring')" 'su' 'it is listed'
	like "$(ask open/t '.capture.uninstrumented[0].why')" 'privileged|set-user-id' 'with the reason'
else
	skip 'set-user-id child' 'needs root, su and setpriv'
fi
finish
