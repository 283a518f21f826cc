// SPDX-License-Identifier: Apache-2.0
import type { Sink } from './attach-types.ts';
import { execInContainer } from './exec.ts';
import type { RuntimeCommand } from './runtime-command.ts';
import type { ExecSyncRequest, ExecSyncResult } from './types.ts';

/** What CRI runtimes keep of each stream. */
const defaultLimitBytes = 16 * 1024 * 1024;

/** Runs a process and keeps its output; what is beyond the limit is read and dropped, so that it can end. */
export async function execSyncInContainer(
  command: RuntimeCommand,
  id: string,
  request: ExecSyncRequest,
  onStarted?: () => void,
): Promise<ExecSyncResult> {
  const { limitBytes = defaultLimitBytes, ...rest } = request;
  const stdout = collect(limitBytes);
  const stderr = collect(limitBytes);
  const sinks = { onStdout: stdout.sink, onStderr: stderr.sink };
  const { exitCode } = await execInContainer(command, id, { ...rest, ...sinks }, onStarted);
  return { exitCode, stdout: stdout.bytes(), stderr: stderr.bytes() };
}

function collect(limitBytes: number): { sink: Sink; bytes: () => Uint8Array } {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    sink(chunk) {
      const part = chunk.subarray(0, limitBytes - size);
      if (part.length === 0) return;
      size += part.length;
      chunks.push(part);
    },
    bytes: () => Buffer.concat(chunks),
  };
}
