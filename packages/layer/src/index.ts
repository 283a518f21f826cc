// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { AppliedLayer, ApplyOptions } from './apply-layer.ts';
export { applyLayer } from './apply-layer.ts';
// For authors of stores.
export { assembleTar } from './assemble-tar.ts';
export type { Compression } from './compression.ts';
export type { Decompressed } from './decompress.ts';
export { decompress } from './decompress.ts';
export type { IdMapping } from './id-map.ts';
export type { LayerLimits } from './limits.ts';
export { defaultLimits } from './limits.ts';
export type { OverlayXattrs } from './overlay-marks.ts';
export { packFolder } from './pack-folder.ts';
export type { PackOptions } from './pack-options.ts';
export type { PackUpperOptions, UpperOptions } from './pack-upper.ts';
export { packUpper } from './pack-upper.ts';
export type { TarMember } from './tar-index.ts';
export { readTarIndex } from './tar-index.ts';
export type { NewTarMember } from './tar-member-header.ts';
export { endOfArchive, paddingAfter, tarMemberHeader } from './tar-member-header.ts';
export type { WriteLayerOptions, WrittenLayer } from './write-layer.ts';
export { writeLayer } from './write-layer.ts';
