// SPDX-License-Identifier: Apache-2.0

/**
 * A function of the shell: whether the process $1 that started at $2, in the kernel's ticks, lives. A zombie is dead; and
 * a number alone may have been given to another process. A shell looks in a millisecond.
 */
export const livesScript = `
lives() {
  { read -r line < "/proc/$1/stat"; } 2>/dev/null || return 1
  case "$line" in
    *") Z "* | *") X "*) return 1 ;;
    *" $2 "*) return 0 ;;
  esac
  return 1
}
`;
