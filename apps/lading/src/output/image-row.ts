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
  Digest: 'DIGEST',
  History: 'HISTORY',
  ID: 'IMAGE ID',
  Id: 'IMAGE ID',
  Labels: 'LABELS',
  Names: 'NAMES',
  ReadOnly: 'R/O',
  RepoDigests: 'REPO DIGESTS',
  Repository: 'REPOSITORY',
  Size: 'SIZE',
  Tag: 'TAG',
  VirtualSize: 'VIRTUAL SIZE',
};

/** One name of an image as `images` shows it; field names are podman's. */
export interface ImageRow {
  readonly Created: string;
  readonly CreatedAt: Date;
  readonly CreatedSince: string;
  readonly CreatedTime: Date;
  readonly Digest: string;
  readonly History: string;
  readonly ID: string;
  readonly Id: string;
  readonly Labels: ReadonlyMap<string, string>;
  readonly Names: readonly string[];
  readonly ReadOnly: boolean;
  readonly RepoDigests: readonly string[];
  readonly Repository: string;
  readonly Size: string;
  readonly Tag: string;
  readonly VirtualSize: number;
}

/** The fields of one name of an image for `images --format`. */
export function imageRow(
  image: ImageInfo,
  name: string | undefined,
  { truncate }: { readonly truncate: boolean },
): ImageRow {
  const { repository, tag } = splitName(name);
  const created = new Date(image.createdAt);
  return {
    Created: humanAge(created),
    CreatedAt: created,
    CreatedSince: humanAge(created),
    CreatedTime: created,
    Digest: image.digest ?? '',
    History: image.names.join(', '),
    ID: truncate ? image.id.slice(0, 12) : `sha256:${image.id}`,
    Id: image.id,
    Labels: new Map(Object.entries(image.labels)),
    Names: image.names,
    ReadOnly: false,
    RepoDigests: image.repoDigests,
    Repository: repository,
    Size: formatBytes(image.sizeBytes),
    Tag: tag,
    VirtualSize: image.sizeBytes,
  };
}

/** An element of `images --format json`. */
export function imageJson(image: ImageInfo): Readonly<Record<string, unknown>> {
  return {
    Id: image.id,
    ParentId: '',
    RepoTags: null,
    RepoDigests: image.repoDigests,
    Size: image.sizeBytes,
    SharedSize: 0,
    VirtualSize: image.sizeBytes,
    Labels: Object.keys(image.labels).length === 0 ? null : new Map(Object.entries(image.labels)),
    Containers: 0,
    ...(image.names.length === 0 ? {} : { Names: image.names }),
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
