// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { ifThere } from './paths.ts';

const mostLinks = 40;

/**
 * Finds files of a layer by their names in its archive. Links among the folders are followed as if the layer were the
 * root of the file system, because that is how it was unpacked: a layer with a link `a` to `/etc` and a file `a/shadow`
 * must not give away this machine's file.
 */
export interface Resolver {
  /** Path of a regular file, or undefined when there is none of that name. */
  find(name: Buffer): Buffer | undefined;
}

export function resolverIn(root: string): Resolver {
  // Names are bytes; as latin1 text each character is one byte.
  const top = bytesAsText(Buffer.from(root));
  const folders = new Map<string, string | undefined>([['', top]]);

  function folderOf(path: string): string | undefined {
    const cached = folders.get(path);
    if (cached !== undefined || folders.has(path)) return cached;
    const found = walk(path);
    folders.set(path, found);
    return found;
  }

  function walk(path: string): string | undefined {
    const todo = path.split('/').reverse();
    let done: string[] = [];
    let links = 0;
    for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        done.pop();
        continue;
      }
      const next = [top, ...done, part].join('/');
      const stats = statOf(next);
      if (stats?.isSymbolicLink()) {
        links += 1;
        if (links > mostLinks) throw new LadingError(Code.DataLoss, `too many links on the way to ${path}`);
        const target = bytesAsText(readlinkSync(textAsBytes(next), { encoding: 'buffer' }));
        if (target.startsWith('/')) done = [];
        todo.push(...target.split('/').reverse());
      } else if (stats?.isDirectory()) {
        done.push(part);
      } else {
        return undefined;
      }
    }
    return [top, ...done].join('/');
  }

  return {
    find(name) {
      const parts = bytesAsText(name)
        .split('/')
        .filter((part) => part !== '' && part !== '.');
      const last = parts.pop();
      if (last === undefined || last === '..') return undefined;
      const folder = folderOf(parts.join('/'));
      if (folder === undefined) return undefined;
      const path = `${folder}/${last}`;
      return statOf(path)?.isFile() ? textAsBytes(path) : undefined;
    },
  };
}

function statOf(path: string): Stats | undefined {
  return ifThere(() => lstatSync(textAsBytes(path)));
}

function bytesAsText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function textAsBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
