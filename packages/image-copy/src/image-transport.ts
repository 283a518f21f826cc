// SPDX-License-Identifier: Apache-2.0

import type { RegistryContext } from './docker/context.ts';
import type { DaemonContext } from './docker-daemon/engine-api.ts';
import type { ImageStore } from './storage/store.ts';
import type { CallOptions, ImageDestination, ImageSource } from './types.ts';

/** What `openSource` and `openDestination` open images with. */
export interface TransportContext extends RegistryContext, DaemonContext {
  /** Where relative paths start. Default: the folder of this process. */
  readonly cwd?: string | undefined;
  /** What `tarball:-` reads. Default: the stdin of this process. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  /** Opens the local store for a reference that names none. Default: the store of storage.conf. */
  readonly store?: (() => Promise<ImageStore>) | undefined;
  /** `oci:`: the folder with the blobs of several layouts. Default: each has its own. */
  readonly sharedBlobs?: string | undefined;
  /** `oci:` and `oci-archive:` as destinations: layers that are not compressed stay so. Default: false. */
  readonly acceptsUncompressedLayers?: boolean | undefined;
  /** `dir:` as a destination: how layers are to be. Default: as the source has them. */
  readonly dirCompression?: 'compressed' | 'uncompressed' | undefined;
  /** `docker-archive:` as a destination: further names of the image, such as `busybox:1`. */
  readonly additionalTags?: readonly string[] | undefined;
  /** Transports beside those that are here; one of the same name takes its place. */
  readonly transports?: readonly ImageTransport[] | undefined;
}

/** A kind of place that images are copied from and to. Give your own as `transports` of the context. */
export interface ImageTransport {
  /** What references to it begin with, before the first colon. */
  readonly name: string;
  /**
   * Opens an image to be read. Leave it out where images are only written.
   *
   * @param rest the reference after the first colon
   */
  openSource?(rest: string, context: TransportContext): Promise<ImageSource>;
  /** Opens a place for an image. Leave it out where images are only read. Nothing is to be made before the first blob. */
  openDestination?(rest: string, context: TransportContext): Promise<ImageDestination>;
  /** Deletes an image. Leave it out where images stay. */
  deleteImage?(rest: string, context: TransportContext, options: CallOptions): Promise<void>;
}
