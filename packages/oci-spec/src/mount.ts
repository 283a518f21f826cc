// SPDX-License-Identifier: Apache-2.0
import { list, object, type Rule, string, strings, uint32 } from '@lading/document';

/** Maps a range of ids. */
export interface IdMapping {
  /** REQUIRED. First id inside. */
  readonly containerID: number;
  /** REQUIRED. First id outside. */
  readonly hostID: number;
  /** REQUIRED. Number of ids. */
  readonly size: number;
}

/**
 * One mount; they are made in the order of the list.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config.md#mounts
 */
export interface Mount {
  /** REQUIRED: absolute path inside the container. */
  readonly destination: string;
  /** OPTIONAL. File system type; `bind` or none for bind mounts, which the option `bind` or `rbind` makes. */
  readonly type?: string;
  /** OPTIONAL. Device, path or a word; relative paths are from the bundle. */
  readonly source?: string;
  /** OPTIONAL. As fstab(5) has them, and the words of the specification (`rbind`, `idmap`, `rro`, …). */
  readonly options?: readonly string[];
  /** OPTIONAL. For an id-mapped mount; with `gidMappings` or not at all. */
  readonly uidMappings?: readonly IdMapping[];
  /** OPTIONAL. For an id-mapped mount; with `uidMappings` or not at all. */
  readonly gidMappings?: readonly IdMapping[];
}

export const idMappings: Rule<readonly IdMapping[]> = list(
  object<IdMapping>({ containerID: uint32, hostID: uint32, size: uint32 }, ['containerID', 'hostID', 'size']),
);

export const mount: Rule<Mount> = object<Mount>(
  {
    destination: string,
    type: string,
    source: string,
    options: strings,
    uidMappings: idMappings,
    gidMappings: idMappings,
  },
  ['destination'],
);
