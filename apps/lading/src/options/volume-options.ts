// SPDX-License-Identifier: Apache-2.0
import { isAbsolute } from 'node:path';
import { type Flags, usageError } from '@lading/command-line';
import type { VolumeMount, VolumeOptions, VolumeOwner } from '@lading/engine';
import { quote } from '@lading/go-template';
import { pairsToRecord, splitPairs } from './key-value.ts';

/** Options of tmpfs that the kernel reads; the others of mount(8) are not for one that many may have. */
const tmpfsKeys = new Set(['mode', 'nr_inodes', 'size']);

/** `--opt type=…`, `device=…` and `o=…` of `volume create`. */
export function readVolumeOptions(flags: Flags): Pick<VolumeOptions, 'driverOptions' | 'mount' | 'owner'> {
  const driverOptions = pairsToRecord(flags.strings('opt'));
  if (Object.keys(driverOptions).length === 0) return {};
  const { type = '', device = '', o = '', ...unknown } = driverOptions;
  const [other] = Object.keys(unknown);
  if (other !== undefined) throw usageError(`invalid mount option ${other} for driver 'local'`);
  const words = splitPairs(o);
  const ids = { uid: idOf(words, 'uid'), gid: idOf(words, 'gid') };
  const owner: VolumeOwner = {
    ...(ids.uid !== undefined && { uid: ids.uid }),
    ...(ids.gid !== undefined && { gid: ids.gid }),
  };
  const rest = words.filter(([key]) => key !== 'uid' && key !== 'gid');
  const mount = mountOf(type, device, rest, owner);
  return { driverOptions, ...(mount && { mount }), ...(Object.keys(owner).length > 0 && { owner }) };
}

type Words = readonly (readonly [string, string | undefined])[];

function mountOf(type: string, device: string, words: Words, owner: VolumeOwner): VolumeMount | undefined {
  if (type === 'tmpfs') return { type, data: tmpfsData(words, owner) };
  const isBind = type === 'bind' || words.some(([key]) => key === 'bind' || key === 'rbind');
  const [other] = words.find(([key]) => key !== 'bind' && key !== 'rbind') ?? [];
  if (other !== undefined) {
    throw usageError(`volume option o=${other} is not supported: use uid, gid, bind, or options of a tmpfs`);
  }
  if (type !== '' && type !== 'none' && type !== 'bind') {
    throw usageError(`volume type ${quote(type)} is not supported: use tmpfs, or bind with a device`);
  }
  if (!isBind && device === '') return undefined;
  if (!isBind || !isAbsolute(device)) {
    throw usageError(`volume device ${quote(device)} is not supported: use o=bind with an absolute path`);
  }
  return { type: 'bind', path: device };
}

function tmpfsData(words: Words, { uid, gid }: VolumeOwner): string {
  const [other] = words.find(([key, value]) => !tmpfsKeys.has(key) || !/^\w+%?$/.test(value ?? '')) ?? [];
  if (other !== undefined) {
    throw usageError(
      `volume option o=${other} is not supported: use ${[...tmpfsKeys, 'uid', 'gid'].join(', ')} with values`,
    );
  }
  const own = words.map(([key, value]) => `${key}=${value}`);
  return [
    ...own,
    ...(uid === undefined ? [] : [`uid=${uid}`]),
    ...(gid === undefined ? [] : [`gid=${gid}`]),
  ].join(',');
}

function idOf(words: Words, key: string): number | undefined {
  const found = words.find(([name]) => name === key);
  if (found === undefined) return undefined;
  if (!/^\d{1,9}$/.test(found[1] ?? ''))
    throw usageError(`volume option ${key} ${quote(found[1] ?? '')} is no number`);
  return Number(found[1]);
}
