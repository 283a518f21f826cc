// SPDX-License-Identifier: Apache-2.0
import { spawnProgram } from '@lading/linux';
import { childEnvironment } from './child-environment.ts';
import { createDetachFilter } from './detach-filter.ts';
import type { ExecProcess } from './exec-process.ts';
import type { ExecRequest } from './types.ts';

/** Passes on what a client types, up to its detach keys. */
export interface KeyWatch {
  /** False when the keys were found, or `write` takes no more. */
  pass(chunk: Uint8Array): Promise<boolean>;
  /** What was held back as a possible beginning of the keys, at the end of the input. */
  rest(): Promise<void>;
}

export function watchKeys(
  { detachSequence = new Uint8Array() }: ExecRequest,
  onDetach: () => void,
  write: (chunk: Uint8Array) => Promise<boolean>,
): KeyWatch {
  const filter = createDetachFilter(detachSequence);
  return {
    async pass(chunk) {
      const { pass, detached } = filter.push(chunk);
      const goesOn = pass.length === 0 || (await write(pass));
      if (detached) onDetach();
      return goesOn && !detached;
    },
    async rest() {
      const held = filter.rest();
      if (held.length > 0) await write(held);
    },
  };
}

/**
 * Leaves a process to itself that goes on. Somebody has to take what it writes, or its next word would end it: a `cat`
 * for each of its streams, which ends with it.
 */
export function leaveExec({ stdout, stderr, terminal, unref }: ExecProcess): void {
  for (const stream of [stdout, stderr, terminal]) {
    if (stream === undefined) continue;
    const reader = spawnProgram('/bin/sh', {
      args: ['-c', 'exec cat'],
      env: childEnvironment(),
      fds: [stream.release(), null, null],
    });
    reader.ended.catch(() => {}); // nobody waits for it
    reader.unref();
  }
  unref();
}
