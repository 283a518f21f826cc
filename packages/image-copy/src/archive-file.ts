// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, verifyStream } from '@lading/image-spec';
import { decompress, readTarIndex, type TarMember } from '@lading/layer';
import { writeAll } from './blob-file.ts';
import { documentLimitBytes, tooLarge } from './read-small.ts';
import type { BlobOptions, CallOptions } from './types.ts';
import { markVerified } from './verified.ts';
import { withProgress } from './with-progress.ts';

const readBytes = 256 * 1024;

/** A tar archive that is read in place: nothing of it is unpacked, so no name or link leads anywhere. */
export interface Archive {
  /**
   * The file of this name; one link is followed, to another member.
   *
   * @throws NotFound with the reason; InvalidArgument for a name that is there twice: readers would differ
   */
  find(name: string, reason: string): TarMember;
  /** The bytes of a document of at most 4 MiB. */
  document(name: string, reason: string): Promise<Uint8Array>;
  /** The bytes of a file, not verified. */
  read(member: TarMember): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Opens an archive. One that is compressed, or is no regular file, is first written to a file without a name. */
export async function openArchive(path: string, options: CallOptions = {}): Promise<Archive> {
  const given = await open(path).catch((cause: unknown) => {
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(code, `the archive cannot be opened: ${message}`, {
      ...(reason === undefined ? {} : { reason }),
      cause,
    });
  });
  let file = given;
  try {
    const { chunks, compression } = decompress(chunksOf(given));
    const bytes = chunks[Symbol.asyncIterator]();
    const first = await bytes.next();
    if (compression() === 'none' && (await given.stat()).isFile()) await bytes.return?.();
    else file = await spool(startingWith(first, bytes), options);
    return await archiveIn(file, options);
  } catch (error) {
    await file.close();
    throw error;
  } finally {
    if (file !== given) await given.close();
  }
}

/** Opens the archive that a stream is. */
export async function receiveArchive(
  bytes: AsyncIterable<Uint8Array>,
  options: CallOptions = {},
): Promise<Archive> {
  const file = await spool(decompress(bytes).chunks, options);
  try {
    return await archiveIn(file, options);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function archiveIn(file: FileHandle, { signal }: CallOptions): Promise<Archive> {
  const members = await readTarIndex(file, signal === undefined ? {} : { signal });
  const byName = new Map<string, TarMember | 'twice'>();
  for (const member of members) byName.set(member.name, byName.has(member.name) ? 'twice' : member);

  function lookUp(name: string, reason: string): TarMember {
    const found = byName.get(posix.normalize(name));
    const shown = JSON.stringify(name.slice(0, 200));
    if (found === undefined) throw new LadingError(Code.NotFound, `the archive has no ${shown}`, { reason });
    if (found !== 'twice') return found;
    throw new LadingError(Code.InvalidArgument, `the archive has ${shown} twice`, {
      reason: 'DUPLICATE_MEMBER',
    });
  }

  function find(name: string, reason: string): TarMember {
    let found = lookUp(name, reason);
    if (found.type === 'symlink') {
      found = lookUp(posix.join(posix.dirname(found.name), found.linkName), reason);
    } else if (found.type === 'link') found = lookUp(found.linkName, reason);
    if (found.type === 'file') return found;
    throw new LadingError(Code.InvalidArgument, `${JSON.stringify(name.slice(0, 200))} is not a file`);
  }

  const read = (member: TarMember) => chunksOf(file, member.offset, member.size);

  return {
    find,
    async document(name, reason) {
      const member = find(name, reason);
      if (member.size > documentLimitBytes) throw tooLarge(JSON.stringify(name.slice(0, 200)));
      return new Uint8Array(Buffer.concat(await Array.fromAsync(read(member))));
    },
    read,
    close: () => file.close(),
  };
}

/** Bytes of a member, verified while they flow. */
export function verifiedMember(
  bytes: AsyncIterable<Uint8Array>,
  descriptor: Descriptor,
  options: BlobOptions,
): AsyncIterable<Uint8Array> {
  const { digest, size } = descriptor;
  const { signal } = options;
  const verified = verifyStream(bytes, { digest, size }, createHash, signal === undefined ? {} : { signal });
  return markVerified(withProgress(verified, options), digest);
}

/** Of a whole file from where it stands, or of a part of it. */
async function* chunksOf(file: FileHandle, offset?: number, size?: number): AsyncGenerator<Uint8Array> {
  let position = offset;
  for (let left = size ?? Number.POSITIVE_INFINITY; left > 0; ) {
    const length = Math.min(left, readBytes);
    const { bytesRead, buffer } = await file.read(
      Buffer.allocUnsafeSlow(length),
      0,
      length,
      position ?? null,
    );
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    left -= bytesRead;
    if (position !== undefined) position += bytesRead;
  }
}

async function* startingWith(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}

/** Writes a stream to a file that has no name any more, so that nothing of it outlives this process. */
async function spool(bytes: AsyncIterable<Uint8Array>, { signal }: CallOptions): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-archive-'));
  let file: FileHandle | undefined;
  try {
    file = await open(join(folder, 'archive.tar'), 'wx+', 0o600);
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      await writeAll(file, chunk);
    }
    return file;
  } catch (error) {
    await file?.close();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
