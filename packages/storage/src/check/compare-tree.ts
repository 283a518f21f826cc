// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { setImmediate as pause } from 'node:timers/promises';
import { getXattr } from '@lading/linux';
import { ifThere } from '../paths.ts';
import { checkSignal } from '../turn.ts';
import type { TreeNode } from './layer-tree.ts';

/**
 * What differs between a layer's content on disk and the tree of its archive: `+/path` for what should not be there,
 * `-/path` for what is missing, and `/path(mode:0644→0600)` for what was changed.
 */
export async function* compareTree(
  folder: string,
  expected: TreeNode,
  options: CompareTreeOptions,
): AsyncGenerator<string> {
  yield* compareFolder(Buffer.from(folder), '', expected, options);
}

export interface CompareTreeOptions {
  /** Whether files need not have the owners that the archive says. */
  readonly ignoresOwners: boolean;
  readonly signal: AbortSignal | undefined;
}

async function* compareFolder(
  folder: Buffer,
  path: string,
  expected: TreeNode,
  options: CompareTreeOptions,
): AsyncGenerator<string> {
  // A layer can have a million entries.
  await pause();
  checkSignal(options.signal);
  const found = new Map<string, Buffer>();
  for (const name of ifThere(() => readdirSync(folder, { encoding: 'buffer' })) ?? []) {
    found.set(name.toString('latin1'), Buffer.concat([folder, Buffer.from('/'), name]));
  }
  for (const [name, node] of expected.children) {
    const place = found.get(name);
    const stats = place && ifThere(() => lstatSync(place));
    const where = `${path}/${asText(name)}`;
    if (place === undefined || stats === undefined) {
      if (node.type !== undefined) yield `-${where}`;
      continue;
    }
    const differences = compareNode(place, stats, node, options.ignoresOwners);
    if (differences.length > 0) yield `${where}(${differences.join(',')})`;
    if (stats.isDirectory() && node.type === 'directory') yield* compareFolder(place, where, node, options);
  }
  for (const name of found.keys()) if (!expected.children.has(name)) yield `+${path}/${asText(name)}`;
}

function compareNode(place: Buffer, stats: Stats, node: TreeNode, ignoresOwners: boolean): readonly string[] {
  const differences: string[] = [];
  const differ = (what: string, expected: number | string | undefined, found: number | string): void => {
    if (expected !== undefined && expected !== found) differences.push(`${what}:${expected}→${found}`);
  };
  const type = typeOf(stats);
  if (node.type === undefined) return differences;
  differ('filetype', node.type, type);
  if (node.type !== type || type === 'whiteout') return differences;
  if (!ignoresOwners) {
    differ('uid', node.uid, stats.uid);
    differ('gid', node.gid, stats.gid);
  }
  differ('size', node.sizeBytes, stats.size);
  differ('mode', octal(node.mode), octal(stats.mode & 0o7777) ?? '');
  differ('mtime', node.mtime, Math.floor(stats.mtimeMs / 1000));
  if (
    node.target !== undefined &&
    node.target !== readlinkSync(place, { encoding: 'buffer' }).toString('latin1')
  ) {
    differences.push('target');
  }
  if (type === 'directory' && (node.isOpaque === true) !== isOpaque(place)) differences.push('opaque');
  return differences;
}

function typeOf(stats: Stats): string {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isCharacterDevice()) return stats.rdev === 0 ? 'whiteout' : 'char';
  if (stats.isBlockDevice()) return 'block';
  return stats.isFIFO() ? 'fifo' : 'socket';
}

function isOpaque(path: Buffer): boolean {
  return ['trusted.overlay.opaque', 'user.overlay.opaque'].some(
    (name) => getXattr(path, name)?.toString() === 'y',
  );
}

function octal(mode: number | undefined): string | undefined {
  return mode?.toString(8).padStart(4, '0');
}

/** Names are bytes that were read as latin1; people read UTF-8, without what moves a terminal's cursor. */
export function asText(name: string): string {
  return JSON.stringify(Buffer.from(name, 'latin1').toString()).slice(1, -1);
}
