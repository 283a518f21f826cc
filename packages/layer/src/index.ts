// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { AppliedLayer, ApplyOptions } from './apply-layer.ts';
export { applyLayer } from './apply-layer.ts';
// For authors of stores.
export { type AssembleOptions, assembleTar } from './assemble-tar.ts';
export type { Change, ChangeKind } from './change.ts';
export { clampLayer } from './clamp-layer.ts';
export type {
  CompressedLayer,
  CompressOptions,
  LayerResult,
  WritableCompression,
} from './compress-layer.ts';
export { compressLayer } from './compress-layer.ts';
export type { Compression } from './compression.ts';
export type { Decompressed } from './decompress.ts';
export { decompress } from './decompress.ts';
export { warmUpExtraction } from './extract-thread.ts';
export type { IdMapping } from './id-map.ts';
export type {
  DeviceEntry,
  DirectoryEntry,
  EntryCommon,
  FifoEntry,
  FileContent,
  FileEntry,
  LayerEntry,
  LinkEntry,
  OpaqueEntry,
  SymlinkEntry,
  WhiteoutEntry,
} from './layer-entry.ts';
export type { LayerSource } from './layer-source.ts';
export type { LayerLimits } from './limits.ts';
export { defaultLimits } from './limits.ts';
export { listChanges } from './list-changes.ts';
export type { ListUpperOptions } from './list-upper-changes.ts';
export { listUpperChanges } from './list-upper-changes.ts';
export type { OpenArchiveOptions } from './open-archive.ts';
export { openArchive, warmUpArchives } from './open-archive.ts';
export type { OverlayXattrs } from './overlay-marks.ts';
export { packChanges } from './pack-changes.ts';
export type { PackEntriesOptions } from './pack-entries.ts';
export { packEntries } from './pack-entries.ts';
export type { PackFolderOptions } from './pack-folder.ts';
export { packFolder } from './pack-folder.ts';
export type { PackOptions } from './pack-options.ts';
export type { PackUpperOptions, UpperOptions } from './pack-upper.ts';
export { packUpper } from './pack-upper.ts';
export type { LayerEvent, ReadLayerOptions } from './read-layer.ts';
export { readLayer } from './read-layer.ts';
export type { EntryChange, NewContent, RewriteLayerOptions, RewrittenLayer } from './rewrite-layer.ts';
export { rewriteLayer } from './rewrite-layer.ts';
export type {
  CompareRootsOptions,
  RootDifference,
  RootFile,
  RootFileChange,
} from './root/compare-roots.ts';
export { compareRoots } from './root/compare-roots.ts';
export type { PackRootOptions } from './root/pack-root.ts';
export { packRoot } from './root/pack-root.ts';
export type { ReadRootOptions, RootLayer, RootTree } from './root/read-root.ts';
export { readRoot } from './root/read-root.ts';
export type { ReadRootFileOptions } from './root/read-root-file.ts';
export { readRootFile } from './root/read-root-file.ts';
export { sourceDateEpoch } from './source-date-epoch.ts';
export { stripLayer } from './strip-layer.ts';
export { tarEntries } from './tar-entries.ts';
export type { TarEntry } from './tar-entry.ts';
export type { TarMember } from './tar-index.ts';
export { readTarIndex } from './tar-index.ts';
export type { NewTarMember } from './tar-member-header.ts';
export { endOfArchive, paddingAfter, tarMemberHeader } from './tar-member-header.ts';
export type { WriteLayerOptions, WrittenLayer } from './write-layer.ts';
export { writeLayer } from './write-layer.ts';
export { type AssembleChunkedOptions, assembleChunked } from './zstd-chunked/assemble-chunked.ts';
export { type ChunkedLayer, openTable, type ReadRange } from './zstd-chunked/open-table.ts';
export type { ChunkedFile, ChunkedTable } from './zstd-chunked/parse-table.ts';
