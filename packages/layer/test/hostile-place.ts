// SPDX-License-Identifier: Apache-2.0
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type AppliedLayer, type ApplyOptions, applyLayer } from '../src/index.ts';
import { treeOf } from './tree.ts';

/** A layer's folder and, around it, what no archive may touch. */
export interface HostilePlace extends Disposable {
  readonly root: string;
  /** Next to the layer: the file `precious`, the folder `full`, a link. */
  readonly outside: string;
  apply(archive: Buffer, options?: ApplyOptions): Promise<AppliedLayer>;
  /** Fails when a byte, a name, a mode, an owner or a time around the layer has changed. */
  expectNothingTouched(): void;
}

/** @param confinement how the layer keeps what is unpacked inside */
export function makeHostilePlace(confinement: 'chroot' | 'walk'): HostilePlace {
  const work = mkdtempSync(join(tmpdir(), 'lading-hostile-'));
  const root = join(work, 'layer');
  const outside = join(work, 'outside');
  mkdirSync(root);
  mkdirSync(join(outside, 'full/deep'), { recursive: true });
  writeFileSync(join(outside, 'precious'), 'kept', { mode: 0o600 });
  writeFileSync(join(outside, 'full/deep/file'), 'kept');
  symlinkSync('precious', join(outside, 'link'));
  const around = (): unknown => {
    const { mode, uid, gid, mtimeNs, ino } = lstatSync(outside, { bigint: true });
    return { names: readdirSync(work).toSorted(), mode, uid, gid, mtimeNs, ino, tree: treeOf(outside) };
  };
  const before = around();
  return {
    root,
    outside,
    apply: (archive, options = {}) => applyLayer(pieces(archive), root, { confinement, ...options }),
    expectNothingTouched: () => expect(around()).toEqual(before),
    [Symbol.dispose]: () => rmSync(work, { recursive: true }),
  };
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}
