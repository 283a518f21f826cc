// SPDX-License-Identifier: Apache-2.0
import type { VolumeInfo } from '@lading/engine';

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
};

export interface VolumeDetails {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  readonly CreatedAt: string;
  readonly Labels: ReadonlyMap<string, string>;
  readonly Scope: string;
  readonly Options: ReadonlyMap<string, string>;
  readonly Anonymous: boolean;
  readonly UID: number;
  readonly GID: number;
}

/** A volume as `volume inspect` and `volume ls --format` show it, in podman's words. */
export function volumeDetails(volume: VolumeInfo): VolumeDetails {
  const details = {
    Name: volume.name,
    Driver: 'local',
    Mountpoint: volume.mountpoint,
    CreatedAt: volume.createdAt,
    Labels: new Map(Object.entries(volume.labels)),
    Scope: 'local',
    Options: new Map(Object.entries(volume.driverOptions ?? {})),
    UID: volume.owner?.uid ?? 0,
    GID: volume.owner?.gid ?? 0,
    Anonymous: volume.anonymous,
  };
  // Templates can name them; the document leaves out what is nothing.
  for (const key of ['Anonymous', 'UID', 'GID'] as const) {
    if (!details[key]) Object.defineProperty(details, key, { enumerable: false });
  }
  return details;
}
