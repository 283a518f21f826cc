// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { listDockerArchive, listLayout, parseTransport } from '@lading/image-copy';
import { formatReference, parseFamiliarReference, withDefaultTag } from '@lading/image-spec';
import type { ArchivedPlace } from './list-archive.ts';
import { localName } from './local-name.ts';

/**
 * The images that a text with a transport means, with the names that podman gives them: those that an archive has inside,
 * the path of a layout, and none for a folder of `dir`.
 */
export async function placesOfTransport(text: string, cwd: string): Promise<readonly ArchivedPlace[]> {
  const { transport, rest } = parseTransport(text);
  const colon = rest.indexOf(':');
  const [path, inside] = colon < 0 ? [rest, ''] : [rest.slice(0, colon), rest.slice(colon + 1)];
  switch (transport) {
    case 'oci':
      return [{ source: text, names: [nameOfPath(text, path)] }];
    case 'oci-archive':
      return [{ source: text, names: await namesInLayout(resolve(cwd, path), inside) }];
    case 'docker-archive':
      return imagesInArchive(text, resolve(cwd, path), inside);
    case 'docker-daemon':
      return [{ source: text, names: rest.startsWith('sha256:') ? [] : [familiarName(rest)] }];
    default:
      return [{ source: text, names: [] }];
  }
}

function familiarName(name: string): string {
  return formatReference(withDefaultTag(parseFamiliarReference(name)));
}

function nameOfPath(text: string, path: string): string {
  try {
    return familiarName(`localhost/${path.replace(/^\/+/, '')}`);
  } catch (cause) {
    throw new LadingError(
      Code.InvalidArgument,
      `${text}: the image gets its name from the folder, and ${JSON.stringify(path)} cannot be one; use lower case and no . or .., or "lading load -i"`,
      { cause },
    );
  }
}

async function namesInLayout(path: string, inside: string): Promise<readonly string[]> {
  if (inside !== '' && !inside.startsWith('@')) return [localName(inside)];
  const names = await listLayout(path).catch((error: unknown) => {
    // To open it tells better what is missing.
    if (hasCode(error, Code.NotFound)) return [];
    throw error;
  });
  const name = names[inside === '' ? 0 : Number(inside.slice(1))];
  return name === undefined || name === '' ? [] : [localName(name)];
}

async function imagesInArchive(
  text: string,
  path: string,
  inside: string,
): Promise<readonly ArchivedPlace[]> {
  if (inside !== '' && !inside.startsWith('@')) return [{ source: text, names: [familiarName(inside)] }];
  const places = (await listDockerArchive(path)).map(({ tags }, position) => ({
    source: `docker-archive:${path}:@${position}`,
    names: tags.map(localName),
  }));
  return inside === '' ? places : places.filter(({ source }) => source.endsWith(`:${inside}`));
}
