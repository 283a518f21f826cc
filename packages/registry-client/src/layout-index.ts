// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import {
  Annotation,
  type Descriptor,
  encodeJson,
  type Index,
  MediaType,
  parseImageLayout,
  parseIndex,
} from '@lading/image-spec';
import { readFileFrom, replaceFile } from './layout-file.ts';
import { withLayoutLock } from './layout-lock.ts';
import { manifestLimitBytes, readAll } from './limits.ts';

/** The index.json of a layout. */
export interface LayoutIndex {
  read(): Promise<Index>;
  /**
   * Gives an image a name, or none; an older image of that name loses it and stays. `check` may refuse it, while nobody
   * else changes the layout.
   */
  add(descriptor: Descriptor, name: string | undefined, check: () => Promise<void>): Promise<void>;
}

// The specification's grammar of ref.name, written so that it has one way to match.
const namePattern = /^[A-Za-z0-9]+(?:(?:[-._:@+/]|--)[A-Za-z0-9]+)*$/;
const longestName = 1024;
const missing = 'LAYOUT_UNKNOWN';

/** Opens index.json and oci-layout in a folder, or makes them. */
export async function openLayoutIndex(root: string): Promise<LayoutIndex> {
  const path = join(root, 'index.json');
  const marker = await readDocument(join(root, 'oci-layout'));
  if (marker === undefined) await writeDocument(join(root, 'oci-layout'), { imageLayoutVersion: '1.0.0' });
  else parseImageLayout(marker);

  async function read(): Promise<Index> {
    const bytes = await readDocument(path);
    return bytes === undefined
      ? { schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests: [] }
      : parseIndex(bytes);
  }

  async function addNow(descriptor: Descriptor, name: string | undefined): Promise<void> {
    const index = await read();
    const others = index.manifests
      .map((other) => (name !== undefined && nameOf(other) === name ? withName(other, undefined) : other))
      .filter((other) => other.digest !== descriptor.digest || nameOf(other) !== undefined);
    const known = name === undefined && others.some(({ digest }) => digest === descriptor.digest);
    const manifests = known ? others : [...others, withName(descriptor, name)];
    await writeDocument(path, { ...index, manifests });
  }

  if ((await readDocument(path)) === undefined) await writeDocument(path, await read());
  else await read();
  return {
    read,
    async add(descriptor, name, check) {
      if (name !== undefined && (name.length > longestName || !namePattern.test(name))) {
        throw new LadingError(
          Code.InvalidArgument,
          'the name of an image in a layout is letters and digits, with - . _ : @ + / between them',
        );
      }
      await withLayoutLock(root, async () => {
        await check();
        await addNow(descriptor, name);
      });
    },
  };
}

/** The name that an entry of index.json gives an image. */
export function nameOf({ annotations }: Descriptor): string | undefined {
  return annotations !== undefined && Object.hasOwn(annotations, Annotation.RefName)
    ? annotations[Annotation.RefName]
    : undefined;
}

function withName(descriptor: Descriptor, name: string | undefined): Descriptor {
  const { annotations = {}, ...rest } = descriptor;
  const others = Object.entries(annotations).filter(([key]) => key !== Annotation.RefName);
  const all = name === undefined ? others : [...others, [Annotation.RefName, name] as const];
  return all.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(all) };
}

async function readDocument(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readAll(readFileFrom(path, 0, path, missing), manifestLimitBytes, path);
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return undefined;
    throw error;
  }
}

async function writeDocument(path: string, document: unknown): Promise<void> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield encodeJson(document);
  }
  await replaceFile(path, source(), { sync: true });
}
