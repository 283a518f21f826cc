// SPDX-License-Identifier: Apache-2.0
import { chown, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { isMountPoint, randomBytes, unmount } from '@lading/linux';
import { randomId } from '../names.ts';
import { isMissing, readJson, writeJson } from '../state/atomic-file.ts';
import { namesIn } from '../state/names-in.ts';
import type { VolumeInfo, VolumeOptions } from '../types/volumes.ts';

interface VolumeRecord extends Omit<VolumeInfo, 'mountpoint'> {
  readonly version: 1;
}

/** Volumes on disk: `<folder>/<name>/volume.json`, and `_data` beside it. A folder comes and goes in one step. */
export interface VolumeFolder {
  get(name: string): Promise<VolumeInfo | undefined>;
  list(): Promise<readonly VolumeInfo[]>;
  /** @throws AlreadyExists */
  add(options: VolumeOptions, createdAt: Date): Promise<VolumeInfo>;
  /** Idempotent. */
  delete(name: string): Promise<void>;
}

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;

export function openVolumeFolder(folder: string): VolumeFolder {
  async function get(name: string): Promise<VolumeInfo | undefined> {
    if (!namePattern.test(name)) return undefined;
    const value = await readJson(join(folder, name, 'volume.json'));
    if (value === undefined) return undefined;
    if (!isRecord(value, name)) {
      throw new LadingError(
        Code.DataLoss,
        `${join(folder, name, 'volume.json')} is no volume of this version`,
      );
    }
    const { version: _version, ...volume } = value;
    return { ...volume, mountpoint: join(folder, name, '_data') };
  }

  return {
    get,
    async list() {
      const volumes = await Promise.all((await namesIn(folder)).sort().map(get));
      return volumes.filter((volume) => volume !== undefined);
    },
    async add({ name = randomId(), labels = {}, anonymous = false, mount, owner, driverOptions }, createdAt) {
      if (!namePattern.test(name)) {
        throw new LadingError(
          Code.InvalidArgument,
          `${JSON.stringify(name.slice(0, 80))} is no name for a volume: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*`,
          { reason: 'VOLUME_NAME' },
        );
      }
      // No name of a volume begins so: what a crash leaves is never taken for one.
      const made = join(folder, `.${randomBytes(8).toString('hex')}`);
      const record: VolumeRecord = {
        version: 1,
        name,
        createdAt: createdAt.toISOString(),
        labels,
        anonymous,
        ...(mount && { mount }),
        ...(owner && { owner }),
        ...(driverOptions && { driverOptions }),
      };
      try {
        await mkdir(join(made, '_data'), { recursive: true, mode: 0o755 });
        if (owner !== undefined) await chown(join(made, '_data'), owner.uid ?? 0, owner.gid ?? 0);
        await writeJson(join(made, 'volume.json'), record, { durable: true });
        await rename(made, join(folder, name));
      } catch (error) {
        await rm(made, { recursive: true, force: true });
        const failure = LadingError.from(error, Code.Internal);
        if (failure.reason !== 'ENOTEMPTY' && failure.reason !== 'EEXIST') throw failure;
        throw new LadingError(
          Code.AlreadyExists,
          `volume with name ${name} already exists: volume already exists`,
          { reason: 'VOLUME_EXISTS' },
        );
      }
      const { version: _version, ...volume } = record;
      return { ...volume, mountpoint: join(folder, name, '_data') };
    },
    async delete(name) {
      const gone = join(folder, `.${randomBytes(8).toString('hex')}`);
      try {
        await rename(join(folder, name), gone);
      } catch (error) {
        if (isMissing(error)) return;
        throw LadingError.from(error, Code.Internal);
      }
      // What is mounted there is not the volume's to be removed.
      const data = join(gone, '_data');
      if (isMountPoint(data)) unmount(data, { lazy: true });
      await rm(gone, { recursive: true, force: true });
    },
  };
}

function isRecord(value: unknown, name: string): value is VolumeRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === 1 &&
    'name' in value &&
    value.name === name &&
    'createdAt' in value &&
    typeof value.createdAt === 'string'
  );
}
