// SPDX-License-Identifier: Apache-2.0
import { type ApiVersion, CgroupDriver, type RuntimeServiceHandlers } from '@lading/cri-api';
import type { Network, RuntimeHandler } from '@lading/engine';
import { LadingError } from '@lading/errors';
import { type AskedHandler, askHandlers } from './handler-features.ts';
import { statusInfo } from './status-info.ts';

export interface RuntimeDescription {
  readonly version: string;
  /** Those that there are now by name, the default one first. */
  readonly handlers: () => Readonly<Record<string, Pick<RuntimeHandler, 'version' | 'features' | 'check'>>>;
  /** Undefined where pods can only have the host's network. */
  readonly network: Pick<Network, 'status'> | undefined;
  /** Takes the addresses of pods from the kubelet. Default: they are the business of the network alone. */
  readonly onPodCidr?: ((podCidr: string) => Promise<void>) | undefined;
  /** What the daemon runs with, for who asks for all of it. */
  readonly settings?: (() => object) | undefined;
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
    async status({ verbose }) {
      const asked = await askHandlers(runtime.handlers());
      const handlers = asked.map(({ name, features }) => ({ name, features }));
      const network = await networkCondition(runtime.network);
      return {
        status: {
          conditions: [
            { type: 'RuntimeReady', ...runtimeCondition(asked[0]) },
            { type: 'NetworkReady', ...network },
          ],
        },
        // The default handler goes by an empty name too.
        runtimeHandlers: [...handlers.slice(0, 1).map((one) => ({ ...one, name: '' })), ...handlers],
        features: {
          supplementalGroupsPolicy: true,
          userNamespacesHostNetwork: handlers[0]?.features.userNamespaces ?? false,
          mountOptions: true,
        },
        ...(verbose && { info: await statusInfo(runtime) }),
      };
    },
    async runtimeConfig() {
      return { linux: { cgroupDriver: CgroupDriver.CGROUPFS } };
    },
    async updateRuntimeConfig({ runtimeConfig }) {
      // The kubelet calls this at each start, with nothing in it where the cluster gives no addresses.
      const podCidr = runtimeConfig?.networkConfig?.podCidr ?? '';
      if (podCidr !== '') await runtime.onPodCidr?.(podCidr);
      return {};
    },
  };
}

interface Condition {
  readonly status: boolean;
  readonly reason?: string;
  readonly message?: string;
}

/** That of the default handler: pods can go on with others. */
function runtimeCondition(asked: AskedHandler | undefined): Condition {
  const failure = asked?.failure;
  if (failure === undefined) return { status: true };
  return {
    status: false,
    reason: 'RuntimeNotReady',
    message: `the runtime ${asked?.name} cannot be used: ${failure.message}`,
  };
}

async function networkCondition(network: RuntimeDescription['network']): Promise<Condition> {
  if (network === undefined)
    return { status: false, reason: 'NetworkNotConfigured', message: 'no CNI is set up' };
  try {
    await network.status();
    return { status: true };
  } catch (error) {
    return { status: false, reason: 'NetworkPluginNotReady', message: LadingError.from(error).message };
  }
}
