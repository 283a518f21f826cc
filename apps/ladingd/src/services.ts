// SPDX-License-Identifier: Apache-2.0
import type { Server } from '@grpc/grpc-js';
import { addImageService, addRuntimeService, type RuntimeServiceHandlers } from '@lading/cri-api';
import type { Engine, Network } from '@lading/engine';
import type { Settings } from './config/settings.ts';
import { checkpointHandlers } from './cri/checkpoints.ts';
import type { ContainerEvents } from './cri/container-events.ts';
import { containerHandlers } from './cri/containers.ts';
import { imageHandlers } from './cri/images.ts';
import { metricsHandlers } from './cri/metrics/handlers.ts';
import { runtimeHandlers } from './cri/runtime.ts';
import { sandboxHandlers } from './cri/sandboxes.ts';
import { statsHandlers } from './cri/stats.ts';
import type { DaemonMetrics } from './metrics/daemon-metrics.ts';
import { writePodNetwork } from './network/pod-cidr.ts';

export interface ServicesOptions {
  readonly engine: Engine;
  readonly network: Pick<Network, 'status'>;
  readonly settings: Settings;
  /** Of the daemon. */
  readonly version: string;
  readonly events: ContainerEvents;
  readonly metrics: DaemonMetrics;
}

/** Adds both services of CRI to a server, in both versions. @throws LadingError `invalid_argument` for settings that cannot be */
export function addServices(server: Server, options: ServicesOptions): void {
  const { engine, network, settings, version, events, metrics } = options;
  const { networkTemplate, networkConfigDir: configDir = '/etc/cni/net.d' } = settings;
  const insecure = new Set(settings.insecureRegistries);
  const description = {
    version,
    handlers: engine.runtimes,
    network,
    settings,
    onPodCidr:
      networkTemplate === undefined
        ? undefined
        : (cidr: string) => writePodNetwork(cidr, { templateFile: networkTemplate, configDir }),
  };
  const runtimeService: RuntimeServiceHandlers = metrics.metered({
    ...runtimeHandlers(description),
    ...sandboxHandlers(engine),
    ...containerHandlers(engine),
    ...checkpointHandlers(engine),
    ...statsHandlers(engine),
    ...metricsHandlers(engine, { groups: settings.podMetrics }),
    ...events.handlers,
  });
  const imageService = metrics.metered(
    imageHandlers(engine, { isInsecure: (host) => insecure.has(host), onProgress: metrics.onPullProgress }),
  );
  addRuntimeService(server, runtimeService);
  addImageService(server, imageService);
  // For kubelets before 1.26.
  const older = metrics.metered(runtimeHandlers({ ...description, apiVersion: 'v1alpha2' }));
  addRuntimeService(server, { ...runtimeService, ...older }, 'v1alpha2');
  addImageService(server, imageService, 'v1alpha2');
}
