// SPDX-License-Identifier: Apache-2.0
import type { PseudoTerminal } from '@lading/linux';
import { mendEarlyLineEnds } from './early-line-ends.ts';
import type { ExecProcess } from './exec-process.ts';
import { feed } from './feed.ts';
import { watchKeys } from './leave-exec.ts';
import type { ExecRequest } from './types.ts';

/** Moves all bytes between the caller and the terminal at which the runtime sits, and sets its size. */
export async function pumpTerminal(
  terminal: PseudoTerminal,
  process: ExecProcess,
  request: ExecRequest,
  onDetach: () => void,
): Promise<void> {
  const { stdin, onStdout, resizes } = request;
  const { ended } = process;
  // An end of the input closes nothing: the terminal stays.
  const keys = watchKeys(request, onDetach, async (chunk) => {
    await Promise.race([terminal.write(chunk), ended]);
    return true;
  });
  const input = stdin && feed(stdin, ended, keys.pass);
  const sizes = resizes && followSizes(resizes, terminal, process);
  // When sizes stop coming, for whatever reason, the last one stays.
  sizes?.catch(() => {});
  const output = (async () => {
    for await (const chunk of mendEarlyLineEnds(terminal.output)) await onStdout?.(chunk);
  })();
  await Promise.all([output, input]);
}

async function followSizes(
  resizes: NonNullable<ExecRequest['resizes']>,
  terminal: PseudoTerminal,
  process: ExecProcess,
): Promise<void> {
  for await (const size of resizes) {
    terminal.resize(size);
    process.kill('SIGWINCH');
  }
}
