// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '@lading/command-line';

/** Says what will be lost and asks; whatever is no yes is a no. */
export async function confirm({ stdout, stdin }: Environment, warning: string): Promise<boolean> {
  await stdout(`${warning}\nAre you sure you want to continue? [y/N] `);
  let answer = '';
  for await (const chunk of stdin) {
    answer += Buffer.from(chunk).toString('latin1');
    if (answer.includes('\n') || answer.length > 100) break;
  }
  return /^y/i.test(answer);
}
