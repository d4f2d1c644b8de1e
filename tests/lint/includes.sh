#!/bin/bash
# SPDX-License-Identifier: MIT
# Data flows one way: preload -> collector -> analyze. A stage includes what the
# stage before it emits, and nothing else across the border.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
cd "$TPTEST_TOP" || exit 2
shopt -s extglob

# Headers and tables that may be included from outside their stage.
allowed()
{
	case $1:$2 in
	collector:preload/@(event|ring|arena|session|clock|plan|glob).h) ;;
	analyze:collector/@(segment|trace_dir).h) ;;
	analyze:collector/plan/@(spec|match|candidates|object|function|symbols|inlined|debug_info).h) ;;
	analyze:collector/plan/@(spec|symbols|demangle|object|function|candidates|elf_file).h) ;;
	collector:preload/*.def | analyze:@(preload|collector)/*.def) ;;
	*) return 1 ;;
	esac
}
for stage in preload collector analyze; do
	wrong=
	while IFS=: read -r file line text; do
		header=$(sed 's/.*"\(.*\)".*/\1/' <<<"$text")
		if [[ -e $(dirname "$file")/$header ]]; then
			path=$(realpath --relative-to=. "$(dirname "$file")/$header")
		elif [[ -e $header ]]; then
			path=$header
		else
			continue # generated
		fi
		[[ $path == "$stage"/* ]] || allowed "$stage" "$path" ||
			wrong+="$file:$line includes $path"$'\n'
	done < <(grep -rnE --include='*.[chS]' --include='*.def' '^[ \t]*#[ \t]*include[ \t]+"' "$stage")
	is "$wrong" '' "$stage includes only its own headers and what the stage before it emits"
done
finish
