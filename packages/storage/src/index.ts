// SPDX-License-Identifier: Apache-2.0

// For everyone.

export type { Fault, FaultKind, FaultSubject, Remedy } from './check/fault.ts';
export type {
  CheckLevel,
  CheckOptions,
  CheckProgress,
  Garbage,
  Pruned,
  PruneOptions,
  RepairOptions,
  RepairReport,
} from './check/types.ts';
export { openStore } from './open-store.ts';
export type {
  BaseRecord,
  ContainerRecord,
  DataRecord,
  IdMapping,
  ImageRecord,
  LayerRecord,
} from './records.ts';
export type { StoreRoots } from './store-options.ts';
export { storeOptions } from './store-options.ts';
export type {
  AddLayerOptions,
  AutoIdMaps,
  AutoIdOptions,
  CallOptions,
  CommitContainerOptions,
  ContainerSize,
  Containers,
  DeleteImageOptions,
  DigestedBytes,
  Images,
  ImageUsage,
  Layers,
  LayerUsage,
  NewContainer,
  NewImage,
  RecordEdit,
  StagedLayer,
  StageOptions,
  StorageQuota,
  Store,
  StoreOptions,
  UnmountOptions,
} from './types.ts';

// For authors of other readers and writers of the format.

export { bigDataFileName } from './big-data-name.ts';
export { checkIdMaps } from './id-maps.ts';
export { layerId, randomId } from './ids.ts';
