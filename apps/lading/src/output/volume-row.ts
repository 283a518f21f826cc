// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import type { Engine, VolumeInfo } from '@lading/engine';
import { type GoTime, parseGoTime } from '@lading/go-template';

/** Titles of `volume ls` columns, by the name of the field. */
export const volumeHeaders: Readonly<Record<string, string>> = {
  Name: 'VOLUME NAME',
  Driver: 'DRIVER',
  Mountpoint: 'MOUNT POINT',
  CreatedAt: 'CREATED AT',
  Labels: 'LABELS',
  Scope: 'SCOPE',
  Options: 'OPTIONS',
  Anonymous: 'ANONYMOUS',
  UID: 'UID',
  GID: 'GID',
  Status: 'STATUS',
  MountCount: 'MOUNT COUNT',
  NeedsCopyUp: 'NEEDS COPY UP',
  NeedsChown: 'NEEDS CHOWN',
  Timeout: 'TIMEOUT',
  StorageID: 'STORAGE ID',
};

const optional = ['Anonymous', 'UID', 'GID', 'NeedsCopyUp', 'NeedsChown', 'Timeout', 'StorageID'] as const;

/** A volume as `volume inspect` and `volume ls --format` show it, in podman's words. */
export interface VolumeDetails {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  readonly CreatedAt: GoTime | undefined;
  readonly Status: ReadonlyMap<string, string>;
  readonly Labels: ReadonlyMap<string, string>;
  readonly Scope: string;
  readonly Options: ReadonlyMap<string, string>;
  readonly UID: number;
  readonly GID: number;
  readonly Anonymous: boolean;
  /** By how many containers, for one that is mounted. */
  readonly MountCount: number;
  readonly NeedsCopyUp: boolean;
  readonly NeedsChown: boolean;
  readonly Timeout: number;
  readonly StorageID: string;
}

/** Those that are mounted are counted, which takes a look at the containers. */
export async function detailsOf(
  engine: Engine,
  volumes: readonly VolumeInfo[],
): Promise<readonly VolumeDetails[]> {
  const isSimple = volumes.every(({ mount }) => mount === undefined);
  const users = isSimple ? [] : await engine.containers.list();
  const inUse = users.flatMap(({ options: { mounts = [] } }) =>
    mounts.flatMap((mount) => (mount.type === 'volume' ? [mount.name] : [])),
  );
  return volumes.map((volume) =>
    volumeDetails(
      volume,
      volume.mount === undefined ? 0 : inUse.filter((name) => name === volume.name).length,
    ),
  );
}

function volumeDetails(volume: VolumeInfo, mountCount: number): VolumeDetails {
  const isEmpty = readdirSync(volume.mountpoint).length === 0;
  const details = {
    Name: volume.name,
    Driver: 'local',
    Mountpoint: volume.mountpoint,
    CreatedAt: parseGoTime(volume.createdAt),
    Status: new Map<string, string>(),
    Labels: new Map(Object.entries(volume.labels)),
    Scope: 'local',
    Options: new Map(Object.entries(volume.driverOptions ?? {})),
    UID: volume.owner?.uid ?? 0,
    GID: volume.owner?.gid ?? 0,
    Anonymous: volume.anonymous,
    MountCount: mountCount,
    // Whoever has an empty one is given what the image has there, and its owner.
    NeedsCopyUp: isEmpty,
    NeedsChown: isEmpty,
    Timeout: 0,
    StorageID: '',
  };
  const empty = optional.filter((key) => !details[key]);
  // Templates can name them; the document leaves out what is nothing.
  for (const key of ['Status', ...empty]) Object.defineProperty(details, key, { enumerable: false });
  return details;
}
