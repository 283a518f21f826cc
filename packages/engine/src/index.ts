// SPDX-License-Identifier: Apache-2.0

export type { CgroupUsage, NetworkUsage } from '@lading/linux';
export type { Fault as StoreFault, RepairReport as StoreRepair } from '@lading/storage';
// For everyone.
export { isMadeByLading } from './containers/remove-orphan.ts';
export { createEngine } from './core/create-engine.ts';
export { openEngine } from './core/open-engine.ts';
export type { ReadLogOptions } from './logs/read-log.ts';
export { readLog } from './logs/read-log.ts';
// For authors of runtimes and networks.
export { cniNetwork } from './network/cni-network.ts';
export { checkSeccompProfile } from './spec/check-profiles.ts';
export { isDiskFull, openReserve } from './state/reserve.ts';
export type { Attachment, AttachStreams, Sink, TerminalSize } from './types/attach.ts';
export type { CheckpointOptions } from './types/checkpoint.ts';
export type {
  BlockRate,
  ContainerMount,
  ContainerOptions,
  DeviceMapping,
  DeviceRule,
  DnsOptions,
  IdMaps,
  LogDriver,
  NamespaceChoice,
  NamespaceOptions,
  NetworkChoice,
  PortMapping,
  ResourceLimits,
  RestartPolicy,
  Rlimit,
} from './types/container-options.ts';
export type {
  Accounts,
  CallOptions,
  ContainerChanges,
  ContainerFiles,
  ContainerInfo,
  ContainerRecord,
  ContainerRun,
  ContainerStats,
  ContainerStatus,
  Containers,
  CreateOptions,
  ExecOptions,
  ExecSyncOptions,
  ListOptions,
  RemoveOptions,
  RunOptions,
  RunResult,
  StartOptions,
  StopOptions,
} from './types/containers.ts';
export type {
  Engine,
  EngineOptions,
  OpenEngineOptions,
  OpenedEngine,
  RegistryOptions,
  RuntimeChoice,
  RuntimeDefinitions,
} from './types/engine.ts';
export type { EngineEvent, EventLogOptions, EventOptions, WatchExitsOptions } from './types/events.ts';
export type { ExitStatus } from './types/exit-status.ts';
export type {
  Health,
  HealthAction,
  HealthCheck,
  HealthLogEntry,
  HealthReport,
} from './types/health.ts';
export type {
  ImageDetails,
  ImageInfo,
  Images,
  PullOptions,
  PullPolicy,
  PullProgress,
  RemovedImage,
} from './types/images.ts';
export type { LogEntry, LogOptions } from './types/logs.ts';
export type { Network, NetworkAttachment, NetworkRequest } from './types/network.ts';
export type {
  PodContainerDefaults,
  PodInfo,
  PodOptions,
  PodRecord,
  PodRunOptions,
  Pods,
} from './types/pods.ts';
export type { Reserve, StoreRoots } from './types/reserve.ts';
export type {
  CgroupStats,
  ExecResult,
  ExecSyncResult,
  ProcessSpec,
  ResourcesSpec,
  RuntimeCreate,
  RuntimeCreated,
  RuntimeExec,
  RuntimeHandler,
  RuntimeModule,
  RuntimeModuleOptions,
} from './types/runtime-handler.ts';
export type { ContainerSecret, SecretInfo, SecretOptions, Secrets } from './types/secrets.ts';
export type {
  ContainerUsage,
  DiskUsage,
  PodUsage,
  ProcessFigures,
  StoreUsage,
  Usages,
} from './types/usage.ts';
export type {
  RemoveVolumeOptions,
  VolumeInfo,
  VolumeMount,
  VolumeOptions,
  VolumeOwner,
  Volumes,
} from './types/volumes.ts';
