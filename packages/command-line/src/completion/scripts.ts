// SPDX-License-Identifier: Apache-2.0
import type { Shell } from './shells.ts';

/** A script for a shell that asks `PROGRAM __complete` what a word may go on as. */
export function completionScript(program: string, shell: Shell): string {
  const name = `_${program.replaceAll(/\W/g, '_')}`;
  return scripts[shell].replaceAll('NAME', name).replaceAll('PROGRAM', program);
}

const scripts: Readonly<Record<Shell, string>> = {
  // Bash cuts words at colons and equals signs, of which references and flags are full: the line is cut again at
  // white space, and what bash takes for words before is cut off what it is answered.
  bash: `# bash completion for PROGRAM: source <(PROGRAM completion bash)
NAME() {
  local line=\${COMP_LINE:0:COMP_POINT} out directive words cur start candidate
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  cur=\${words[-1]}
  out=$("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null) || return
  directive=\${out##*:}
  out=\${out%:*}
  start=\${cur%"\${cur##*[=:]}"}
  COMPREPLY=()
  local IFS=$'\\n'
  for candidate in $out; do
    candidate=\${candidate%%$'\\t'*}
    [[ $candidate == "$cur"* ]] && COMPREPLY+=("\${candidate#"$start"}")
  done
  ((directive & 2)) && compopt -o nospace
  if ((\${#COMPREPLY[@]} == 0)); then
    if ((directive & 16)); then
      compopt -o filenames
      COMPREPLY=($(compgen -d -- "\${cur#"$start"}"))
    elif ((!(directive & 4))); then
      compopt -o filenames
      COMPREPLY=($(compgen -f -- "\${cur#"$start"}"))
    fi
  fi
}
complete -F NAME PROGRAM
`,
  zsh: `#compdef PROGRAM
# zsh completion for PROGRAM: source <(PROGRAM completion zsh)
NAME() {
  local -a lines values options
  local directive line
  lines=("\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  directive=\${lines[-1]#:}
  lines[-1]=()
  for line in "\${lines[@]}"; do
    if [[ $line == *$'\\t'* ]]; then
      values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    else
      values+=("\${line//:/\\\\:}")
    fi
  done
  ((directive & 2)) && options=(-S '')
  if ((\${#values})); then
    _describe -V 'completions' values "\${options[@]}"
  elif ((directive & 16)); then
    compset -P '*[=:]'
    _files -/
  elif ((!(directive & 4))); then
    compset -P '*[=:]'
    _files
  fi
}
compdef NAME PROGRAM
`,
  fish: `# fish completion for PROGRAM: PROGRAM completion fish | source
function NAME
  set -l words (commandline -opc)
  set -l cur (commandline -ct)
  set -l lines ($words[1] __complete $words[2..-1] "$cur" 2>/dev/null)
  set -l directive (string replace : '' -- $lines[-1])
  set -e lines[-1]
  if test (count $lines) -gt 0
    printf '%s\\n' $lines
  else if test (math "bitand($directive, 4)") -eq 0
    # Of a reference only what is after the transport is a path.
    set -l start (string match -r '.*[=:]' -- "$cur")
    set -l typed (string replace -r '.*[=:]' '' -- "$cur")
    set -l paths (__fish_complete_path "$typed")
    if test (math "bitand($directive, 16)") -ne 0
      set paths (__fish_complete_directories "$typed" '')
    end
    for path in $paths
      printf '%s%s\\n' "$start" $path
    end
  end
end
complete -c PROGRAM -f -a '(NAME)'
`,
};
