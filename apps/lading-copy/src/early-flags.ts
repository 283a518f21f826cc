// SPDX-License-Identifier: Apache-2.0

/** The value of a flag that must be known before the command line is parsed; the last one counts. */
export function flagIn(argv: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (const [i, word] of argv.entries()) {
    if (word === '--') break;
    if (word === `--${name}`) value = argv[i + 1];
    if (word.startsWith(`--${name}=`)) value = word.slice(name.length + 3);
  }
  return value;
}
