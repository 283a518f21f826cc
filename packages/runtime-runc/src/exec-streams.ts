// SPDX-License-Identifier: Apache-2.0
import type { DescriptorStream } from '@lading/linux';
import type { Sink } from './attach-types.ts';
import type { ExecProcess } from './exec-process.ts';
import { feed } from './feed.ts';
import { watchKeys } from './leave-exec.ts';
import { pumpTerminal } from './pump-terminal.ts';
import type { ExecRequest } from './types.ts';

const complaintsLimit = 8192;

/**
 * Moves all bytes. Returns the words on stderr that are the runtime's own: no process was there to say them.
 *
 * @param started whether there is a process
 */
export async function pumpStreams(
  process: ExecProcess,
  started: Promise<boolean>,
  request: ExecRequest,
  onDetach: () => void,
): Promise<string> {
  const { stdin, stdout, stderr, terminal } = process;
  const [words] = await Promise.all([
    stderr === undefined ? '' : pumpStderr(stderr, started, request.onStderr),
    stdout && pumpOutput(stdout, request.onStdout),
    stdin && pumpInput(stdin, process, request, onDetach),
    terminal && pumpTerminal(terminal, process, request, onDetach),
  ]);
  return words;
}

async function pumpOutput({ output }: DescriptorStream, sink: Sink | undefined): Promise<void> {
  for await (const chunk of output) await sink?.(chunk);
}

/** The runtime's own complaints come the same way; they belong into an error, not into the output. */
async function pumpStderr(
  { output }: DescriptorStream,
  started: Promise<boolean>,
  sink: Sink | undefined,
): Promise<string> {
  let words = '';
  for await (const chunk of output) {
    if (await started) await sink?.(chunk);
    else if (words.length < complaintsLimit) words += Buffer.from(chunk).toString('utf8');
  }
  return words;
}

/** A process may close its stdin, or end, before it has read everything: no fault of ours or the source's. */
async function pumpInput(
  stdin: DescriptorStream,
  { ended }: ExecProcess,
  request: ExecRequest,
  onDetach: () => void,
): Promise<void> {
  const keys = watchKeys(request, onDetach, (chunk) => stdin.write(chunk));
  if (request.stdin !== undefined && (await feed(request.stdin, ended, keys.pass)) === 'ended') {
    await keys.rest();
  }
  stdin[Symbol.dispose]();
}
