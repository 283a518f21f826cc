// SPDX-License-Identifier: Apache-2.0
import type { CallOptions } from './containers.ts';

/** What is mounted at the place of a volume as long as a container that has it runs. */
export type VolumeMount =
  /** A folder of the host. */
  | { readonly type: 'bind'; readonly path: string }
  /** Memory, empty at each first mount; `data` are options of the file system, such as `size=2m`. */
  | { readonly type: 'tmpfs'; readonly data: string };

/** A folder that outlives the containers that it is mounted into. */
export interface VolumeInfo {
  readonly name: string;
  readonly createdAt: string;
  /** The folder on the host with what is in it. */
  readonly mountpoint: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Made for one container that named none; it is removed with that one where that is asked for. */
  readonly anonymous: boolean;
  /** Missing for a plain folder. */
  readonly mount?: VolumeMount;
  /** Whose it is. Default: root's. */
  readonly owner?: VolumeOwner;
  /** The words of the caller by which mount and owner were asked for; kept, never read. */
  readonly driverOptions?: Readonly<Record<string, string>>;
}

export interface VolumeOwner {
  readonly uid?: number;
  readonly gid?: number;
}

export interface VolumeOptions {
  /** Default: 64 hexadecimal digits, which no other has. */
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly anonymous?: boolean | undefined;
  readonly mount?: VolumeMount | undefined;
  readonly owner?: VolumeOwner | undefined;
  readonly driverOptions?: Readonly<Record<string, string>> | undefined;
  /** No error when there is one of this name: that one is returned. */
  readonly ignoreExisting?: boolean | undefined;
}

export interface RemoveVolumeOptions extends CallOptions {
  /** Remove the containers that use it first, running ones too. */
  readonly force?: boolean | undefined;
  /** How long these may take to stop before they are killed. Default 0. */
  readonly timeoutMs?: number | undefined;
}

/** Volumes. `ref` is a name, or the beginning of one that no other has. */
export interface Volumes {
  /** @throws AlreadyExists when the name is taken, InvalidArgument for what is no name */
  create(options?: VolumeOptions): Promise<VolumeInfo>;
  /** By name. */
  list(): Promise<readonly VolumeInfo[]>;
  /** @throws NotFound; InvalidArgument when several begin so */
  inspect(ref: string): Promise<VolumeInfo>;
  exists(name: string): Promise<boolean>;
  /** Mounts what is no plain folder, and tells where its files are. */
  mount(ref: string): Promise<VolumeInfo>;
  /** Takes that away, unless a container that runs has it. */
  unmount(ref: string): Promise<VolumeInfo>;
  /** Its files as a tar archive. */
  pack(ref: string, call?: CallOptions): AsyncIterable<Uint8Array>;
  /** Unpacks an archive, compressed or not, into it; nothing leads out of it. */
  unpack(ref: string, archive: AsyncIterable<Uint8Array>, call?: CallOptions): Promise<void>;
  /** Ids of the containers, running or not, that have it. */
  usersOf(name: string): Promise<readonly string[]>;
  /** @throws NotFound; FailedPrecondition with reason VOLUME_IN_USE when containers have it and `force` is not given */
  remove(ref: string, options?: RemoveVolumeOptions): Promise<VolumeInfo>;
}
