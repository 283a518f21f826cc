// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';

/** A range of user or group ids. */
export interface IdMapping {
  readonly containerId: number;
  readonly hostId: number;
  readonly size: number;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** What every record of the store has. A record that was read is never changed: ask again for the present one. */
export interface BaseRecord {
  /** 64 hex characters. */
  readonly id: string;
  readonly names: readonly string[];
  /** Free text of whoever made it. */
  readonly metadata: string | undefined;
  /** Names of the files kept with it. */
  readonly bigDataNames: readonly string[];
  /** RFC 3339 with a zone. */
  readonly created: string;
  readonly flags: JsonObject;
  /** Members that this version does not know; they are written back as they were. */
  readonly unknownFields: JsonObject;
}

/** A line of layers.json. */
export interface LayerRecord extends BaseRecord {
  /** True in a store that is only read: it can be used, not changed. */
  readonly readOnly?: true;
  /** The layer below; none for a base layer. */
  readonly parent: string | undefined;
  readonly mountLabel: string | undefined;
  /** Of the blob as it was received. */
  readonly compressedDiffDigest: Digest | undefined;
  readonly compressedSize: number | undefined;
  /** Digest of the uncompressed archive; none for the layer of a container. */
  readonly diffDigest: Digest | undefined;
  /** Length of the uncompressed archive; -1 when only its table of contents is known. */
  readonly diffSize: number | undefined;
  /** Of a zstd:chunked table of contents, for a layer that is known by it. */
  readonly tocDigest: Digest | undefined;
  /** How the blob was compressed: 0 not, 1 bzip2, 2 gzip, 3 xz, 4 zstd. */
  readonly compression: number;
  /** Owners in the archive, sorted. */
  readonly uidSet: readonly number[];
  readonly gidSet: readonly number[];
  /** Ids that were already applied to the files. */
  readonly uidMap: readonly IdMapping[];
  readonly gidMap: readonly IdMapping[];
}

/** What images and containers keep beside their record. */
export interface DataRecord extends BaseRecord {
  readonly bigDataSizes: Readonly<Record<string, number>>;
  readonly bigDataDigests: Readonly<Record<string, Digest>>;
}

/** A line of images.json. */
export interface ImageRecord extends DataRecord {
  /** True in a store that is only read: it can be used, not changed. */
  readonly readOnly?: true;
  /** Of the manifest that was asked for: of the index, when it came from one. */
  readonly digest: Digest | undefined;
  /** Full references, `host/path:tag` or `host/path@digest`, newest first. */
  readonly namesHistory: readonly string[];
  /** None for a list of manifests. */
  readonly topLayer: string | undefined;
  /** Other top layers, with other owners. */
  readonly mappedLayers: readonly string[];
}

/** A line of containers.json. */
export interface ContainerRecord extends DataRecord {
  readonly imageId: string | undefined;
  /** The layer that the container writes to. */
  readonly layer: string;
  readonly uidMap: readonly IdMapping[];
  readonly gidMap: readonly IdMapping[];
}
