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
    Options: new Map<string, string>(),
    Anonymous: volume.anonymous,
  };
  // Templates can name it; the document leaves it out.
  if (!volume.anonymous) Object.defineProperty(details, 'Anonymous', { enumerable: false });
  return details;
}
