// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { Code, hasCode } from '@lading/errors';
import { listDockerArchive, listLayout } from '@lading/image-copy';
import { localName } from './local-name.ts';

/** An image in an archive or a folder. */
export interface ArchivedPlace {
  /** `docker-archive:PATH:@0`. */
  readonly source: string;
  /** In their full spelling. */
  readonly names: readonly string[];
}

/** What `load` finds under a path, by what is there and not by its name. */
export async function listArchive(path: string): Promise<readonly ArchivedPlace[]> {
  if ((await stat(path)).isDirectory()) {
    const found = await listLayout(path).catch((error: unknown) => {
      if (hasCode(error, Code.NotFound)) return undefined;
      throw error;
    });
    // A folder of `docker-dir` has no names in it.
    return found === undefined ? [{ source: `dir:${path}`, names: [] }] : placesOf('oci', path, found);
  }
  const docker = await listDockerArchive(path).catch((error: unknown) => {
    if (hasCode(error, Code.NotFound)) return undefined;
    throw error;
  });
  if (docker === undefined) return placesOf('oci-archive', path, await listLayout(path));
  return docker.map(({ tags }, position) => ({
    source: `docker-archive:${path}:@${position}`,
    names: tags.map(localName),
  }));
}

function placesOf(transport: string, path: string, names: readonly (string | undefined)[]): ArchivedPlace[] {
  return names.map((name, position) => ({
    source: `${transport}:${path}:@${position}`,
    names: name === undefined || name === '' ? [] : [localName(name)],
  }));
}
