// SPDX-License-Identifier: Apache-2.0
import { type ApiVersion, CgroupDriver, type RuntimeServiceHandlers } from '@lading/cri-api';
import type { Network } from '@lading/engine';
import { LadingError } from '@lading/errors';

export interface RuntimeDescription {
  readonly version: string;
  /** Names of the handlers. */
  readonly handlers: readonly string[];
  /** Undefined where pods can only have the host's network. */
  readonly network: Pick<Network, 'status'> | undefined;
  /** What `Version` says is spoken. Default `v1`. */
  readonly apiVersion?: ApiVersion;
}

/** The version of the interface's older calls, which every runtime answers. */
const kubeletApiVersion = '0.1.0';

type Handlers = Pick<RuntimeServiceHandlers, 'version' | 'status' | 'runtimeConfig' | 'updateRuntimeConfig'>;

/** The RPCs about the runtime itself. */
export function runtimeHandlers(runtime: RuntimeDescription): Handlers {
  return {
    async version() {
      return {
        version: kubeletApiVersion,
        runtimeName: 'lading',
        runtimeVersion: runtime.version,
        runtimeApiVersion: runtime.apiVersion ?? 'v1',
      };
    },
    async status() {
      const network = await networkCondition(runtime.network);
      return {
        status: {
          conditions: [
            { type: 'RuntimeReady', status: true },
            { type: 'NetworkReady', ...network },
          ],
        },
        // The default handler goes by an empty name too.
        runtimeHandlers: ['', ...runtime.handlers].map((name) => ({ name, features: {} })),
        features: { supplementalGroupsPolicy: true },
      };
    },
    async runtimeConfig() {
      return { linux: { cgroupDriver: CgroupDriver.CGROUPFS } };
    },
    async updateRuntimeConfig() {
      return {}; // the pod network is CNI's business; the kubelet calls this at each start
    },
  };
}

async function networkCondition(
  network: RuntimeDescription['network'],
): Promise<{ status: boolean; reason?: string; message?: string }> {
  if (network === undefined)
    return { status: false, reason: 'NetworkNotConfigured', message: 'no CNI is set up' };
  try {
    await network.status();
    return { status: true };
  } catch (error) {
    return { status: false, reason: 'NetworkPluginNotReady', message: LadingError.from(error).message };
  }
}
