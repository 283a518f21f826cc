// SPDX-License-Identifier: Apache-2.0
import { encodeHeader } from './tar-encode.ts';

export { endOfArchive, paddingAfter } from './tar-encode.ts';

/** A member to be written into a tar archive; the time is 1970 and the owner 0. */
export interface NewTarMember {
  /** That of a folder ends in a slash. */
  readonly name: string;
  /** Default `file`. */
  readonly type?: 'file' | 'directory' | 'symlink';
  /** Bytes; 0 for what is not a file. */
  readonly size: number;
  readonly mode: number;
  /** What a symlink leads to. */
  readonly linkName?: string;
}

/**
 * The blocks before the content of a member, the same bytes as Go's archive/tar writes. The content follows, then
 * `paddingAfter(size)`; `endOfArchive` comes last.
 */
export function tarMemberHeader({ name, type = 'file', size, mode, linkName }: NewTarMember): Buffer {
  return encodeHeader({
    name: Buffer.from(name),
    type,
    size,
    mode,
    uid: 0,
    gid: 0,
    mtimeNs: 0n,
    ...(linkName === undefined ? {} : { linkName: Buffer.from(linkName) }),
  });
}
