// SPDX-License-Identifier: Apache-2.0
import { formatBytes, humanAge } from '@lading/command-line';
import type { ImageInfo } from '@lading/engine';

/** Titles of `images` columns, by the name of the field. */
export const imageHeaders: Readonly<Record<string, string>> = {
  Containers: 'CONTAINERS',
  Created: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedSince: 'CREATED',
  CreatedTime: 'CREATED TIME',
  Dangling: 'DANGLING',
  Digest: 'DIGEST',
  History: 'HISTORY',
  ID: 'IMAGE ID',
  Id: 'IMAGE ID',
  IsDangling: 'DANGLING',
  IsReadOnly: 'READ ONLY',
  Labels: 'LABELS',
  Names: 'NAMES',
  ParentId: 'PARENT ID',
  ReadOnly: 'R/O',
  RepoDigests: 'REPO DIGESTS',
  RepoTags: 'REPO TAGS',
  Repository: 'REPOSITORY',
  SharedSize: 'SHARED SIZE',
  Size: 'SIZE',
  Tag: 'TAG',
  VirtualSize: 'VIRTUAL SIZE',
};

/** One name of an image as `images` shows it; field names are podman's. */
export interface ImageRow {
  /** How many there are of it. */
  readonly Containers: number;
  readonly Created: string;
  readonly CreatedAt: Date;
  readonly CreatedSince: string;
  readonly CreatedTime: Date;
  readonly Dangling: boolean;
  readonly Digest: string;
  readonly History: string;
  readonly ID: string;
  readonly Id: string;
  /** podman's other name of Dangling, as Go's method is called. */
  readonly IsDangling: boolean;
  readonly IsReadOnly: boolean;
  readonly Labels: ReadonlyMap<string, string>;
  readonly Names: readonly string[];
  /** Empty, as podman gives it: a store does not know which image another was made from. */
  readonly ParentId: string;
  readonly ReadOnly: boolean;
  readonly RepoDigests: readonly string[];
  readonly RepoTags: readonly string[];
  readonly Repository: string;
  /** 0, as podman gives it. */
  readonly SharedSize: number;
  readonly Size: string;
  readonly Tag: string;
  readonly VirtualSize: number;
}

/** The fields of one name of an image for `images --format`. */
export function imageRow(
  image: ImageInfo,
  name: string | undefined,
  { truncate, containers }: { readonly truncate: boolean; readonly containers: number },
): ImageRow {
  const { repository, tag } = splitName(name);
  const created = new Date(image.createdAt);
  return {
    Containers: containers,
    Created: humanAge(created),
    CreatedAt: created,
    CreatedSince: humanAge(created),
    CreatedTime: created,
    Dangling: image.names.length === 0,
    Digest: image.digest ?? '',
    History: image.names.join(', '),
    ID: truncate ? image.id.slice(0, 12) : `sha256:${image.id}`,
    Id: image.id,
    IsDangling: image.names.length === 0,
    IsReadOnly: false,
    Labels: new Map(Object.entries(image.labels)),
    Names: image.names,
    ParentId: '',
    ReadOnly: false,
    RepoDigests: image.repoDigests,
    RepoTags: image.names,
    Repository: repository,
    SharedSize: 0,
    Size: formatBytes(image.sizeBytes),
    Tag: tag,
    VirtualSize: image.sizeBytes,
  };
}

/** An element of `images --format json`, of an image with so many containers. */
export function imageJson(image: ImageInfo, containers: number): Readonly<Record<string, unknown>> {
  return {
    Id: image.id,
    ParentId: '',
    RepoTags: null,
    RepoDigests: image.repoDigests,
    Size: image.sizeBytes,
    SharedSize: 0,
    VirtualSize: image.sizeBytes,
    Labels: Object.keys(image.labels).length === 0 ? null : new Map(Object.entries(image.labels)),
    Containers: containers,
    ...(image.names.length === 0 ? { Dangling: true } : { Names: image.names }),
    Digest: image.digest ?? '',
    Created: Math.floor(Date.parse(image.createdAt) / 1000),
    CreatedAt: image.createdAt.replace(/\.\d+/, ''),
  };
}

/** `localhost/app:1` in its two parts, as tables show them; `<none>` for what is missing. */
export function splitName(name: string | undefined): { repository: string; tag: string } {
  if (name === undefined) return { repository: '<none>', tag: '<none>' };
  const at = name.indexOf('@');
  const plain = at === -1 ? name : name.slice(0, at);
  const colon = plain.lastIndexOf(':');
  if (colon === -1 || plain.includes('/', colon)) return { repository: plain, tag: '<none>' };
  return { repository: plain.slice(0, colon), tag: plain.slice(colon + 1) };
}
