// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { processCapabilities } from '@lading/linux';
import { parseSpec } from '@lading/oci-spec';
import { containerEvent } from '../core/container-event.ts';
import { type Context, readContainer, runtimeOf } from '../core/context.ts';
import { resolveUser } from '../rootfs/user.ts';
import { capabilitiesFor } from '../spec/capabilities.ts';
import { mergeEnv } from '../spec/process.ts';
import type { ContainerRecord, ExecOptions, ExecSyncOptions } from '../types/containers.ts';
import type { ExecResult, ExecSyncResult, ProcessSpec } from '../types/runtime-handler.ts';
import { statusOf } from './status.ts';

export async function execInContainer(
  context: Context,
  id: string,
  options: ExecOptions,
): Promise<ExecResult> {
  const record = await running(context, id);
  const process = await execProcess(record, options);
  context.events.emit(containerEvent(record, 'exec'));
  const ended = await runtimeOf(context, record).exec(id, {
    process,
    ...(options.terminal && { terminal: true }),
    ...(options.resizes && { resizes: options.resizes }),
    ...(options.stdin && { stdin: options.stdin }),
    ...(options.stdout && { onStdout: options.stdout }),
    ...(options.stderr && { onStderr: options.stderr }),
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    ...(options.signal && { signal: options.signal }),
    ...(options.detach && { detach: true }),
    ...(options.detachSequence && { detachSequence: options.detachSequence }),
    ...(options.fds && { fds: options.fds }),
  });
  if (!options.detach && !ended.detached)
    context.events.emit(containerEvent(record, 'exec_died', { exitCode: String(ended.exitCode) }));
  return ended;
}

export async function execSyncInContainer(
  context: Context,
  id: string,
  options: ExecSyncOptions,
): Promise<ExecSyncResult> {
  const record = await running(context, id);
  const process = await execProcess(record, options);
  context.events.emit(containerEvent(record, 'exec'));
  const ended = await runtimeOf(context, record).execSync(id, {
    process,
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    ...(options.limitBytes !== undefined && { limitBytes: options.limitBytes }),
    ...(options.signal && { signal: options.signal }),
  });
  context.events.emit(containerEvent(record, 'exec_died', { exitCode: String(ended.exitCode) }));
  return ended;
}

async function running(context: Context, id: string): Promise<ContainerRecord> {
  const record = await readContainer(context, id);
  const status = await statusOf(context, record);
  if (status !== 'running') {
    throw new LadingError(
      Code.FailedPrecondition,
      `container ${record.name} is ${status}; exec needs one that runs`,
      { reason: 'CONTAINER_NOT_RUNNING' },
    );
  }
  return record;
}

/** The container's own process with what the call replaces. */
async function execProcess(record: ContainerRecord, options: ExecOptions): Promise<ProcessSpec> {
  if (options.command.length === 0) throw new LadingError(Code.InvalidArgument, 'no command given');
  const spec = parseSpec(readFileSync(join(record.bundle, 'config.json'), 'utf8'));
  const base = spec.process;
  if (base === undefined) {
    throw new LadingError(Code.DataLoss, `config.json of container ${record.name} has no process`);
  }
  const own = record.run?.rootfs ?? '';
  const user = options.user === undefined ? undefined : await resolveUser(own, options.user, []);
  const privileged = options.privileged === true || record.options.privileged === true;
  const env = mergeEnv(
    options.terminal ? { TERM: 'xterm' } : {},
    [
      ...(base.env ?? []).filter((line) => user === undefined || !line.startsWith('HOME=')),
      ...(user?.home === undefined ? [] : [`HOME=${user.home}`]),
    ],
    options.env ?? {},
  );
  const changesRights = options.privileged === true || user !== undefined;
  return {
    ...base,
    args: [...options.command],
    env,
    cwd: options.workdir || base.cwd,
    terminal: options.terminal === true,
    ...(user !== undefined && {
      user: { ...base.user, uid: user.uid, gid: user.gid, additionalGids: [...user.additionalGids] },
    }),
    ...(changesRights && {
      capabilities: capabilitiesFor({
        bounding: privileged ? processCapabilities().bounding : (base.capabilities?.bounding ?? []),
        added: record.options.capabilities?.add ?? [],
        uid: user?.uid ?? base.user?.uid ?? 0,
      }),
    }),
  };
}
