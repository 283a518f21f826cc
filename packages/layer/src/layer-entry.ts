// SPDX-License-Identifier: Apache-2.0

/** What every entry given in code has. */
export interface EntryCommon {
  /** From the root of the layer; a slash at either end is dropped. Bytes for a name that is not UTF-8. */
  readonly path: string | Uint8Array;
  /** Default 0755 for folders, 0666 for devices, else 0644. */
  readonly mode?: number | undefined;
  /** Default 0. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Default 1970. */
  readonly mtime?: Date | undefined;
  /** By their full names, such as `user.note` or `security.capability`. */
  readonly xattrs?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

/** Where the content of a file comes from. Default: it is empty. */
export type FileContent =
  | { readonly content?: string | Uint8Array | undefined }
  /** The path of a file on the disk; of it only the content is taken. */
  | { readonly file: string }
  /** Called when its turn comes; gives exactly `sizeBytes` bytes. */
  | { readonly stream: () => AsyncIterable<Uint8Array>; readonly sizeBytes: number };

export type FileEntry = EntryCommon & { readonly type: 'file' } & FileContent;

export interface DirectoryEntry extends EntryCommon {
  readonly type: 'directory';
}

export interface SymlinkEntry extends EntryCommon {
  readonly type: 'symlink';
  readonly target: string | Uint8Array;
}

/** Another name of a file that comes before it. */
export interface LinkEntry {
  readonly type: 'link';
  readonly path: string | Uint8Array;
  readonly target: string | Uint8Array;
}

export interface DeviceEntry extends EntryCommon {
  readonly type: 'char' | 'block';
  readonly major: number;
  readonly minor: number;
}

export interface FifoEntry extends EntryCommon {
  readonly type: 'fifo';
}

/** What has this path in the layers below is gone. */
export interface WhiteoutEntry {
  readonly type: 'whiteout';
  readonly path: string | Uint8Array;
}

/** The folder of this path shows nothing of the layers below. */
export interface OpaqueEntry {
  readonly type: 'opaque';
  readonly path: string | Uint8Array;
}

/** An entry of a layer, given in code. */
export type LayerEntry =
  | FileEntry
  | DirectoryEntry
  | SymlinkEntry
  | LinkEntry
  | DeviceEntry
  | FifoEntry
  | WhiteoutEntry
  | OpaqueEntry;
