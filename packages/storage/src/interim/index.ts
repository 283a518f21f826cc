// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { Containers, NewContainer } from './containers.ts';
export type { Images, NewImage, StoredDocument } from './images.ts';
export type { Layers, StagedLayer, StageOptions } from './layers.ts';
export type { ContainerRecord, ImageRecord, LayerRecord } from './records.ts';
export type { Store, StoreOptions } from './store.ts';
export { openStore } from './store.ts';
