// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { readTail } from './read-tail.ts';
import type { RuntimeCommand } from './runtime-command.ts';
import { oneLine } from './runtime-error.ts';
import type { CheckpointRequest } from './types.ts';

/** Of these the runtime has said what is to be known. */
const plain: ReadonlySet<string | undefined> = new Set([
  'CONTAINER_UNKNOWN',
  'CONTAINER_NOT_RUNNING',
  'PROGRAM_UNKNOWN',
  'RUNTIME_HANGS',
]);

export async function checkpointContainer(
  command: RuntimeCommand,
  id: string,
  { imagePath, workPath, timeoutMs }: CheckpointRequest,
): Promise<void> {
  const folders = [`--image-path=${imagePath}`, `--work-path=${workPath}`];
  try {
    await command.run({ verb: 'checkpoint', id, timeoutMs }, [...folders, '--leave-running', id]);
  } catch (error) {
    const failure = LadingError.from(error);
    if (plain.has(failure.reason)) throw failure;
    throw await checkpointError(failure, id, join(workPath, 'dump.log'));
  }
}

/** What CRIU lacks is a matter of the machine, whatever word of the runtime's it comes with. */
async function checkpointError(cause: LadingError, id: string, log: string): Promise<LadingError> {
  const { words = cause.message } = cause.details ?? {};
  if (/criu.*(?:executable file not found|no such file or directory|not installed)/i.test(String(words))) {
    return new LadingError(
      Code.FailedPrecondition,
      `container ${id} cannot be checkpointed: CRIU, which saves and restores processes, is not installed; there is no criu in PATH`,
      { reason: 'CRIU_UNKNOWN', cause },
    );
  }
  const faults = await faultsIn(log);
  const said = faults === '' ? '' : `; CRIU says: ${faults}`;
  return new LadingError(
    Code.FailedPrecondition,
    `container ${id} cannot be checkpointed: ${String(words)}${said}; see whether "criu check" succeeds on this machine`,
    { reason: 'CHECKPOINT_FAILED', cause },
  );
}

/** The lines of CRIU's log that tell of errors, without their times. */
async function faultsIn(path: string): Promise<string> {
  const faults = (await readTail(path)).split('\n').filter((line) => /\bError \(/.test(line));
  if (faults.length === 0) return '';
  return oneLine(faults.map((line) => line.replace(/^\([\d.]+\)\s*(?:\d+: )?/, '')).join(' '));
}
