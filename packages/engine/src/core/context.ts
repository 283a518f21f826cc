// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { Store } from '@lading/storage';
import type { SecretRecord } from '../secrets/secrets.ts';
import { writeJson } from '../state/atomic-file.ts';
import type { JsonReader } from '../state/json-reader.ts';
import type { Locks } from '../state/locks.ts';
import type { RecordFolder } from '../state/record-folder.ts';
import type { ContainerRecord, ContainerRun } from '../types/containers.ts';
import type { RegistryOptions } from '../types/engine.ts';
import type { Images } from '../types/images.ts';
import type { Network } from '../types/network.ts';
import type { PodRecord } from '../types/pods.ts';
import type { RuntimeHandler } from '../types/runtime-handler.ts';
import type { VolumeFolder } from '../volumes/volume-folder.ts';
import type { EventBus } from './event-bus.ts';
import type { Runnable, RuntimeTable } from './runtime-table.ts';

/** A record without the part that a reboot makes void. */
export type StoredContainer = Omit<ContainerRecord, 'run'>;

/** What all parts of one engine share. */
export interface Context {
  readonly store: Store;
  readonly runDir: string;
  readonly containers: RecordFolder<StoredContainer>;
  readonly pods: RecordFolder<PodRecord>;
  /** Reads the parts of records that a reboot makes void. */
  readonly runs: JsonReader;
  readonly volumes: VolumeFolder;
  readonly secrets: RecordFolder<SecretRecord>;
  readonly locks: Locks;
  readonly runtimes: RuntimeTable;
  readonly network: Network | undefined;
  readonly registry: RegistryOptions;
  readonly exitCommand: readonly string[];
  readonly healthCommand: readonly string[];
  readonly cgroupParent: string;
  readonly cdiSpecDirs: readonly string[];
  readonly hooksDirs: readonly string[];
  readonly events: EventBus;
  readonly images: Images;
  readonly bootId: string;
  readonly now: () => Date;
}

/** Key of the lock of names: held while a name is looked for and written. */
export const namesLock = 'names';

/** For looking at containers of other engines' runtimes, which this one need not have. */
export function knownRuntime(context: Context, one: Runnable): RuntimeHandler | undefined {
  return context.runtimes.handlerOf(one);
}

/** @throws InvalidArgument with reason RUNTIME_UNKNOWN */
export function runtimeOf(context: Context, one: Runnable): RuntimeHandler {
  const handler = knownRuntime(context, one);
  if (handler === undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      `no runtime named "${one.runtime}"; there is ${Object.keys(context.runtimes.all).join(', ')}`,
      { reason: 'RUNTIME_UNKNOWN' },
    );
  }
  return handler;
}

/** Record and run of a container that must exist. @throws NotFound */
export async function readContainer(context: Context, id: string): Promise<ContainerRecord> {
  const stored = await context.containers.get(id);
  if (stored === undefined) {
    throw new LadingError(Code.NotFound, `no container with name or id "${id}" found`, {
      reason: 'CONTAINER_UNKNOWN',
    });
  }
  return withRun(context, stored);
}

export async function withRun(context: Context, stored: StoredContainer): Promise<ContainerRecord> {
  return joinRun(stored, await context.runs.read(runPath(context, stored.id)));
}

/** What is known of the runs of all containers, by their ids. */
export async function readRuns(context: Context): Promise<ReadonlyMap<string, unknown>> {
  return context.runs.readAll(runFolder(context));
}

export function joinRun(stored: StoredContainer, run: unknown): ContainerRecord {
  if (!isRun(run)) return stored;
  const isRecorded = stored.startedAt === run.startedAt;
  if ((run.begun ?? false) === isRecorded) return { ...stored, run };
  if (run.begun) {
    // Killed between the start and the record of it.
    const { exit: _exit, ...rest } = stored;
    return { ...rest, startedAt: run.startedAt, run };
  }
  // The record was ahead: its process has not run yet.
  const { startedAt: _startedAt, ...rest } = stored;
  return { ...rest, run };
}

export async function writeRun(context: Context, id: string, run: ContainerRun): Promise<void> {
  await writeJson(runPath(context, id), run);
}

export async function deleteRun(context: Context, id: string): Promise<void> {
  rmSync(runPath(context, id), { force: true });
}

/** Writes the lasting part. A container that removes itself is not worth waiting for the disk. */
export async function writeContainer(context: Context, record: ContainerRecord): Promise<void> {
  const { run: _run, ...stored } = record;
  await context.containers.replace(stored, { durable: record.options.autoRemove !== true });
}

/** Where the part of a record is that a reboot makes void: nothing once it is cleaned up. */
export function runPath(context: Context, id: string): string {
  return join(runFolder(context), `${id}.json`);
}

function runFolder(context: Context): string {
  return join(context.runDir, 'containers');
}

function isRun(value: unknown): value is ContainerRun {
  return typeof value === 'object' && value !== null && 'bootId' in value && 'pid' in value;
}
