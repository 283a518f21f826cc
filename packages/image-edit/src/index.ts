// SPDX-License-Identifier: Apache-2.0

// For everyone.
export { appendLayers } from './append-layers.ts';
export type { ArtifactParts } from './artifact.ts';
export { artifactManifest } from './artifact.ts';
export { clampConfigTimes, clampTimes } from './clamp-times.ts';
export type { DiffImagesOptions } from './diff-images.ts';
export { diffImages } from './diff-images.ts';
export type { CreateIndexOptions, IndexSelection } from './edit-index.ts';
export { addToIndex, createIndex, removeFromIndex } from './edit-index.ts';
export type { EmptyImageOptions } from './empty-image.ts';
export { emptyImage } from './empty-image.ts';
export type { ExportImageOptions } from './export-image.ts';
export { exportImage } from './export-image.ts';
export type { FlattenOptions } from './flatten-image.ts';
export { flattenImage } from './flatten-image.ts';
export type { Image } from './image.ts';
export { imageSource } from './image-source.ts';
export { indexEntries } from './index-entry.ts';
export { indexSource } from './index-source.ts';
export type { ImageChanges, NamedChanges } from './mutate-image.ts';
export { mutateImage } from './mutate-image.ts';
export type { NewLayer, NewLayerOptions } from './new-layer.ts';
export { layerFromPath, layerFromTar } from './new-layer.ts';
export type { ReadImageOptions } from './read-image.ts';
export { readImage } from './read-image.ts';
export type { ReadImageFileOptions } from './read-image-file.ts';
export { readImageFile } from './read-image-file.ts';
export type { RebaseOptions } from './rebase-image.ts';
export { rebaseImage } from './rebase-image.ts';
export type { LayerInImage } from './remove-layers.ts';
export { removeLayers } from './remove-layers.ts';
export type { RewriteOptions } from './rewrite-layers.ts';
export { stripFiles } from './strip-files.ts';
export type { ImageFault, ValidateOptions } from './validate-image.ts';
export { validateImage } from './validate-image.ts';
