// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import { defaultLimits, type LayerLimits } from './limits.ts';
import { type PaxRecords, parsePax } from './pax.ts';
import { entryOf } from './tar-entry.ts';
import { blockSize, type EntryType, isZeroBlock, parseHeader, shown } from './tar-header.ts';

/** Where a member of an uncompressed tar archive is in its file. */
export interface TarMember {
  /** As the archive has it, without `./`, double slashes and the slash at the end; what is not UTF-8 is replaced. */
  readonly name: string;
  readonly type: EntryType;
  /** What a link leads to, as the archive has it. */
  readonly linkName: string;
  /** Bytes; 0 for everything that is not a file. */
  readonly size: number;
  /** Where the content begins, in bytes. */
  readonly offset: number;
}

/**
 * Lists the members of an uncompressed tar archive in their order, without reading their contents.
 * A name may come twice, and may climb with `..`: the list is for looking up, not for unpacking.
 *
 * @throws LadingError `data_loss` (`TRUNCATED`) for an archive that was cut, `invalid_argument` for what is no
 * tar, `resource_exhausted` above the limits
 */
export async function readTarIndex(
  file: FileHandle,
  options: { readonly limits?: LayerLimits; readonly signal?: AbortSignal } = {},
): Promise<readonly TarMember[]> {
  const { limits = defaultLimits, signal } = options;
  const { size: fileSize } = await file.stat();
  const members: TarMember[] = [];
  let pax: PaxRecords | undefined;
  let gnuName: Buffer | undefined;
  let gnuLink: Buffer | undefined;
  let wasZero = false;
  for (let at = 0; at < fileSize; ) {
    signal?.throwIfAborted();
    const block = await readAt(file, at, blockSize, fileSize);
    at += blockSize;
    if (isZeroBlock(block)) {
      if (wasZero) break;
      wasZero = true;
      continue;
    }
    wasZero = false;
    const header = parseHeader(block);
    const { type } = header;
    if (type === 'pax' || type === 'pax-global' || type === 'gnu-name' || type === 'gnu-link') {
      if (header.size > limits.paxBytes) {
        throw tooMany(`an extended header of ${shown(header.name)} has ${header.size} bytes`);
      }
      const body = await readAt(file, at, header.size, fileSize);
      at += padded(header.size);
      if (type === 'pax') pax = parsePax(body);
      else if (type === 'gnu-name') gnuName = beforeNul(body);
      else if (type === 'gnu-link') gnuLink = beforeNul(body);
      continue;
    }
    const entry = entryOf({ ...header, type }, pax, gnuName, gnuLink, limits);
    pax = gnuName = gnuLink = undefined;
    const size = entry.type === 'file' ? entry.size : 0;
    if (at + size > fileSize) throw cut();
    if (members.length === limits.entries) throw tooMany(`there are more than ${limits.entries} members`);
    members.push({
      name: cleanName(entry.name.toString()),
      type: entry.type,
      linkName: entry.linkName.toString(),
      size,
      offset: at,
    });
    at += padded(size);
  }
  if (pax !== undefined || gnuName !== undefined || gnuLink !== undefined) throw cut();
  return members;
}

function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}

function cleanName(name: string): string {
  return name
    .split('/')
    .filter((part, i) => part !== '.' && (part !== '' || i === 0))
    .join('/');
}

async function readAt(file: FileHandle, position: number, size: number, fileSize: number): Promise<Buffer> {
  if (position + size > fileSize) throw cut();
  const buffer = Buffer.allocUnsafe(size);
  for (let filled = 0; filled < size; ) {
    const { bytesRead } = await file.read(buffer, filled, size - filled, position + filled);
    if (bytesRead === 0) throw cut();
    filled += bytesRead;
  }
  return buffer;
}

function beforeNul(body: Buffer): Buffer {
  const end = body.indexOf(0);
  return end === -1 ? body : body.subarray(0, end);
}

function cut(): LadingError {
  return new LadingError(Code.DataLoss, 'tar: the archive ends in the middle of an entry', {
    reason: 'TRUNCATED',
  });
}

function tooMany(what: string): LadingError {
  return new LadingError(Code.ResourceExhausted, `tar: ${what}`, { reason: 'LAYER_LIMIT' });
}
