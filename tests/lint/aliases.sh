#!/bin/bash
# SPDX-License-Identifier: MIT
# libc has many functions under several names. For each one that is hooked, every
# other name at the same address is hooked as well, or stands below with a reason.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
cd "$TPTEST_TOP" || exit 2
libc=$(ldd /bin/true | awk '$1 == "libc.so.6" { print $3 }')
[[ -r $libc ]] || skip_all 'no glibc here'

# Names that no program calls by mistake, one reason a line.
declare -A except
but() # REASON NAME…
{
	local reason=$1 name

	shift
	for name; do
		except[$name]=$reason
	done
}
but 'an allocator of its own asks for the one behind malloc on purpose' \
	__libc_malloc __libc_calloc __libc_realloc __libc_free __libc_memalign __libc_valloc __libc_pvalloc
but 'gone from the headers, and from libc for new programs: an old one links to it by version' \
	cfree
but 'no header declares it, and nothing in /usr/bin and /usr/lib of a Debian 12 links to it' \
	__fork __vfork __clone __vfscanf __secure_getenv \
	_IO_fclose _IO_fflush _IO_fgets _IO_fopen _IO_fprintf _IO_fputs _IO_fread _IO_fsetpos _IO_fsetpos64 \
	_IO_fwrite _IO_popen _IO_printf _IO_puts _IO_setbuffer _IO_setvbuf _IO_vfprintf

hooked=$(sed -nE 's/^HOOK\( *[0-9]+, *[a-z_0-9]+, *[A-Z]+, *"[^"]*", *[^(]*[ *]([a-z_A-Z0-9]+), \(.*/\1/p' preload/hooks.def | sort -u)
compares "$(wc -l <<<"$hooked")" '>' 100 'the table is read'

# address name@version, of what a program can bind to: GLIBC_PRIVATE is between the
# libraries of glibc itself, which are one body with it.
symbols=$(readelf --dyn-syms -W "$libc" | awk '
	($4 == "FUNC" || $4 == "IFUNC") && $7 != "UND" && $8 !~ /@GLIBC_PRIVATE$/ { print $2, $8 }')
compares "$(wc -l <<<"$symbols")" '>' 1000 "the names of $libc are read"

others=$(awk '
	NR == FNR { hooked[$1] = 1; next }
	{
		split($2, part, "@")
		if (part[1] in hooked) has[$1] = has[$1] " " part[1]
		else rest[$1] = rest[$1] " " part[1]
	}
	END { for (at in has) if (at in rest) { n = split(rest[at], name, " "); for (i = 1; i <= n; i++) print name[i], "is" has[at] } }' \
	<(echo "$hooked") <(echo "$symbols") | sort -u)
missing=
used=
while read -r name rest; do
	[[ -n $name ]] || continue
	if [[ -n ${except[$name]:-} ]]; then
		used+=" $name"
	else
		missing+="$name $rest"$'\n'
	fi
done <<<"$others"
is "$missing" '' 'every other name of a hooked function is hooked too'
note "on purpose not:$used"
finish
