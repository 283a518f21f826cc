// SPDX-License-Identifier: Apache-2.0
import type { Server } from '@grpc/grpc-js';
import { addImageService, addRuntimeService, type RuntimeServiceHandlers } from '@lading/cri-api';
import type { StreamingServer } from '@lading/cri-streaming';
import type { Engine, Network } from '@lading/engine';
import type { Reloadable } from './config/reloadable.ts';
import type { Settings } from './config/settings.ts';
import { checkpointHandlers } from './cri/checkpoints.ts';
import type { ContainerEvents } from './cri/container-events.ts';
import { containerHandlers } from './cri/containers.ts';
import { imageHandlers } from './cri/images.ts';
import { metricsHandlers } from './cri/metrics/handlers.ts';
import { runtimeHandlers } from './cri/runtime.ts';
import { sandboxHandlers } from './cri/sandboxes.ts';
import { statsHandlers } from './cri/stats.ts';
import { streamingHandlers } from './cri/streaming.ts';
import type { FullDiskGuard } from './full-disk.ts';
import type { DaemonMetrics } from './metrics/daemon-metrics.ts';
import { writePodNetwork } from './network/pod-cidr.ts';

export interface ServicesOptions {
  readonly engine: Engine;
  readonly network: Pick<Network, 'status'>;
  readonly settings: Settings;
  /** Those that hold now. */
  readonly live: () => Reloadable;
  /** Of the daemon. */
  readonly version: string;
  readonly events: ContainerEvents;
  readonly metrics: DaemonMetrics;
  readonly fullDisk: FullDiskGuard;
  readonly streams: StreamingServer;
}

/** Adds both services of CRI to a server, in both versions. @throws LadingError `invalid_argument` for settings that cannot be */
export function addServices(server: Server, options: ServicesOptions): void {
  const { engine, network, settings, live, version, events, metrics, streams, fullDisk } = options;
  const { networkTemplate, networkConfigDir: configDir = '/etc/cni/net.d' } = settings;
  const description = {
    version,
    handlers: () => engine.runtimes,
    network,
    settings: live,
    onPodCidr:
      networkTemplate === undefined
        ? undefined
        : (cidr: string) => writePodNetwork(cidr, { templateFile: networkTemplate, configDir }),
  };
  const runtimeService: RuntimeServiceHandlers = metrics.metered({
    ...runtimeHandlers(description),
    ...fullDisk.guarded(sandboxHandlers(engine, live)),
    ...fullDisk.guarded(containerHandlers(engine, live)),
    ...checkpointHandlers(engine),
    ...statsHandlers(engine),
    ...metricsHandlers(engine, { groups: settings.podMetrics }),
    ...streamingHandlers(engine, streams),
    ...events.handlers,
  });
  const imageService = metrics.metered(
    fullDisk.guarded(
      imageHandlers(engine, {
        isInsecure: (host) => live().insecureRegistries?.includes(host) ?? false,
        pinned: () => live().pinnedImages ?? [],
        onProgress: metrics.onPullProgress,
      }),
    ),
  );
  addRuntimeService(server, runtimeService);
  addImageService(server, imageService);
  // For kubelets before 1.26.
  const older = metrics.metered(runtimeHandlers({ ...description, apiVersion: 'v1alpha2' }));
  addRuntimeService(server, { ...runtimeService, ...older }, 'v1alpha2');
  addImageService(server, imageService, 'v1alpha2');
}
