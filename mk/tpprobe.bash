# bash completion for tpprobe
_tpprobe()
{
	local cur=${COMP_WORDS[COMP_CWORD]} commands

	if ((COMP_CWORD == 1)); then
		commands=$(tpprobe help 2>/dev/null | awk '$1 == "tpprobe" { $1 = $2 } /^ / { print $1 }')
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
	elif [[ $cur == -* ]]; then
		commands=$(tpprobe "${COMP_WORDS[1]}" --help 2>/dev/null | grep -oE -e '--[a-z][a-z-]+' | sort -u)
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}
complete -o filenames -F _tpprobe tpprobe
