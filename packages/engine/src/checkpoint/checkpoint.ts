// SPDX-License-Identifier: Apache-2.0
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { packFolder } from '@lading/layer';
import { statusOf } from '../containers/status.ts';
import { containerEvent } from '../core/container-event.ts';
import { type Context, readContainer, runtimeOf } from '../core/context.ts';
import { createUndo } from '../core/undo.ts';
import type { CheckpointOptions } from '../types/checkpoint.ts';
import type { ContainerRecord } from '../types/containers.ts';
import { writeArchive } from './write-archive.ts';
import { writeRootfsDiff } from './write-rootfs-diff.ts';

/** Saves a container that runs; the caller holds its lock. */
export async function checkpointLocked(
  context: Context,
  id: string,
  { archive, timeoutMs, signal }: CheckpointOptions,
): Promise<void> {
  const record = await readContainer(context, id);
  const status = await statusOf(context, record);
  if (status !== 'running' && status !== 'paused') {
    throw new LadingError(Code.FailedPrecondition, `container ${record.name} is ${status}, not running`, {
      reason: 'CONTAINER_NOT_RUNNING',
    });
  }
  const handler = runtimeOf(context, record);
  if (handler.checkpoint === undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      `container ${record.name} cannot be checkpointed: its runtime ${record.runtime} has no checkpoints`,
      { reason: 'CHECKPOINT_FAILED' },
    );
  }
  // On the disk of the container, as it may be as large as its memory; and away with it, should we be killed.
  const folder = await mkdtemp(join(record.bundle, 'checkpoint-'));
  try {
    const imagePath = join(folder, 'checkpoint');
    await mkdir(imagePath, { mode: 0o700 });
    const undo = createUndo();
    // So that processes and files are of the same moment.
    if (status === 'running') {
      await handler.pause(id);
      undo.add(() => handler.resume(id));
    }
    try {
      await handler.checkpoint(id, { imagePath, workPath: folder, timeoutMs });
      await writeRootfsDiff(context.store, id, folder, signal);
    } catch (error) {
      throw await undo.unwind(error);
    }
    if (status === 'running') await handler.resume(id);
    await copyFile(join(record.bundle, 'config.json'), join(folder, 'spec.dump'));
    await writeFile(join(folder, 'config.dump'), JSON.stringify(describe(record, context.now())));
    await writeArchive(archive, packFolder(folder, { anyNames: true, signal }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  context.events.emit(containerEvent(record, 'checkpoint'));
}

/** What checkpointctl and who restores it want to know. */
function describe(record: ContainerRecord, now: Date): object {
  return {
    id: record.id,
    name: record.name,
    rootfsImage: record.imageName,
    rootfsImageRef: record.imageId,
    rootfsImageName: record.imageName,
    runtime: record.runtime,
    createdTime: record.createdAt,
    checkpointedTime: now.toISOString(),
    restoredTime: '0001-01-01T00:00:00Z',
    restored: false,
  };
}
