// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import {
  chooseInstance,
  hostPlatform,
  openSource,
  parseTransport,
  type TransportContext,
  transports,
} from '@lading/image-copy';
import { indexEntries } from '@lading/image-edit';
import { type Descriptor, type Platform, parseManifestOrIndex } from '@lading/image-spec';
import type { Store } from '@lading/storage';

export interface ListedImages {
  /** Where all of them are, in a form that does not depend on the folder that one is in. */
  readonly place: string;
  readonly entries: readonly Descriptor[];
}

export interface ListedImagesOptions {
  /** Every image of what is a list itself. Default: that for the platform. */
  readonly all: boolean;
  readonly platform: Partial<Platform>;
  readonly signal: AbortSignal;
}

/** What a list says of the images at a place; a name without a transport is one at a registry. */
export async function listedImages(
  text: string,
  context: TransportContext,
  store: Store,
  { all, platform, signal }: ListedImagesOptions,
): Promise<ListedImages> {
  const place = placeOf(text, context.cwd ?? '/', store);
  const source = await openSource(ownPlace(place, store), context);
  try {
    const entries = await indexEntries(source, { signal });
    const top = await source.manifest(undefined, { signal });
    const { kind } = parseManifestOrIndex(top.bytes, top.mediaType);
    if (kind === 'manifest' || all) return { place, entries };
    const wanted = { ...hostPlatform(), ...platform };
    return { place, entries: [chooseInstance({ schemaVersion: 2, manifests: entries }, wanted)] };
  } finally {
    await source.close();
  }
}

/** What of a reference means this store, which is open already. */
export function ownPlace(place: string, store: Store): string {
  const own = ownRoots(store);
  return place.startsWith(own) ? `containers-storage:${place.slice(own.length)}` : place;
}

function ownRoots({ graphRoot, runRoot }: Store): string {
  return `containers-storage:[overlay@${graphRoot}+${runRoot}]`;
}

function placeOf(text: string, cwd: string, store: Store): string {
  const isPlace = transports.includes(text.slice(0, text.indexOf(':')));
  const { transport, rest } = isPlace ? parseTransport(text) : { transport: 'docker', rest: `//${text}` };
  if (transport === 'containers-storage' && !rest.startsWith('[')) return `${ownRoots(store)}${rest}`;
  const isFile = transport === 'dir' || transport.endsWith('-archive') || transport === 'oci';
  return `${transport}:${isFile ? resolve(cwd, rest) : rest}`;
}
