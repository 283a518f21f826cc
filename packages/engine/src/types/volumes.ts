// SPDX-License-Identifier: Apache-2.0
import type { CallOptions } from './containers.ts';

/** A folder that outlives the containers that it is mounted into. */
export interface VolumeInfo {
  readonly name: string;
  readonly createdAt: string;
  /** The folder on the host with what is in it. */
  readonly mountpoint: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Made for one container that named none; it is removed with that one where that is asked for. */
  readonly anonymous: boolean;
}

export interface VolumeOptions {
  /** Default: 64 hexadecimal digits, which no other has. */
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly anonymous?: boolean | undefined;
  /** No error when there is one of this name: that one is returned. */
  readonly ignoreExisting?: boolean | undefined;
}

export interface RemoveVolumeOptions extends CallOptions {
  /** Remove the containers that use it first, running ones too. */
  readonly force?: boolean | undefined;
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
  /** Its files as a tar archive. */
  pack(ref: string, call?: CallOptions): AsyncIterable<Uint8Array>;
  /** Unpacks an archive, compressed or not, into it; nothing leads out of it. */
  unpack(ref: string, archive: AsyncIterable<Uint8Array>, call?: CallOptions): Promise<void>;
  /** Ids of the containers, running or not, that have it. */
  usersOf(name: string): Promise<readonly string[]>;
  /** @throws NotFound; FailedPrecondition with reason VOLUME_IN_USE when containers have it and `force` is not given */
  remove(ref: string, options?: RemoveVolumeOptions): Promise<VolumeInfo>;
}
