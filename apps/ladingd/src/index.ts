// SPDX-License-Identifier: Apache-2.0

// For everyone.
export { type ConfigFiles, loadConfig } from './config/load-config.ts';
export type { Settings } from './config/settings.ts';
export { checkpointHandlers } from './cri/checkpoints.ts';
// For authors of daemons that serve CRI over an engine of their own.
export {
  type ContainerEvents,
  type ContainerEventsOptions,
  followContainerEvents,
} from './cri/container-events.ts';
export { containerHandlers } from './cri/containers.ts';
export { type ImageOptions, imageHandlers } from './cri/images.ts';
export { metricsHandlers, type PodMetricsOptions } from './cri/metrics/handlers.ts';
export { type RuntimeDescription, runtimeHandlers } from './cri/runtime.ts';
export { sandboxHandlers } from './cri/sandboxes.ts';
export { statsHandlers } from './cri/stats.ts';
export { type Daemon, type DaemonOptions, startDaemon } from './daemon.ts';
export { runLadingd } from './program.ts';
