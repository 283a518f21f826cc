// SPDX-License-Identifier: Apache-2.0
import {
  type EncodedMessage,
  encodeList,
  encodeMessage,
  type Input,
  type PodSandbox,
  type PodSandboxFilter,
  PodSandboxState,
  type PodSandboxStatus,
  type RuntimeServiceHandlers,
} from '@lading/cri-api';
import type { Engine, PodInfo } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import type { Reloadable } from '../config/reloadable.ts';
import { withAllowedPodAnnotations } from './allowed-annotations.ts';
import { withPodDefaults } from './container-defaults.ts';
import { containersStatuses } from './container-status.ts';
import { encodedItems } from './encoded-items.ts';
import { matchesLabels } from './filter.ts';
import { findPod, ignoringUnknown, runtimeName } from './find.ts';
import { type PodMetadata, podMetadataOf, requestOf, withLimits, withRequest } from './metadata.ts';
import { podOptions } from './pod-options.ts';
import { createRepeatedRequests, digestOfRequest } from './repeated-requests.ts';
import { nanosecondsOf } from './time.ts';
import { userNamespaceOf } from './user-namespaces.ts';

type Handlers = Pick<
  RuntimeServiceHandlers,
  | 'runPodSandbox'
  | 'stopPodSandbox'
  | 'removePodSandbox'
  | 'podSandboxStatus'
  | 'updatePodSandboxResources'
  | 'listPodSandbox'
  | 'streamPodSandboxes'
>;

const sandboxesPerMessage = 1000;

/** The RPCs about sandboxes, as thin as they get over the engine's pods. */
export function sandboxHandlers(engine: Engine, settings: () => Reloadable = () => ({})): Handlers {
  const requests = createRepeatedRequests();
  // A kubelet that saw one that is not ready yet would give it up and make another.
  const isMade = (pod: PodInfo): boolean => pod.status === 'ready' || !requests.isUnderWay(pod.name);
  return {
    async runPodSandbox({ config, runtimeHandler }, { signal }) {
      if (config === undefined) throw new LadingError(Code.InvalidArgument, 'RunPodSandbox needs a config');
      const live = settings();
      // By its name: another may be the default one when the next container is made in it.
      const runtime = runtimeName(engine, runtimeHandler);
      const wanted = { ...podOptions(config, runtimeHandler), runtime };
      const options = withAllowedPodAnnotations(withPodDefaults(wanted, live), live, runtime);
      const digest = digestOfRequest(options);
      const podSandboxId = await requests.answer({
        name: options.name ?? '',
        digest,
        signal,
        make: async () => withAddress(engine, await engine.pods.run(withRequest(options, digest))),
        digestOf: async (id) => {
          const pod = await engine.pods.inspect(id);
          return pod.status === 'ready' && pod.containerIds.length === 0 ? requestOf(pod) : undefined;
        },
      });
      return { podSandboxId };
    },
    async stopPodSandbox({ podSandboxId }, { signal }) {
      await ignoringUnknown(async () => {
        const { pod } = await findPod(engine, podSandboxId);
        // "Forcibly", says the interface: whoever wants a grace time stops the containers first.
        await engine.pods.stop(pod.id, { timeoutMs: 0, signal });
      });
      return {};
    },
    async removePodSandbox({ podSandboxId }, { signal }) {
      await ignoringUnknown(async () => {
        const { pod } = await findPod(engine, podSandboxId);
        await engine.pods.remove(pod.id, { force: true, signal });
      });
      return {};
    },
    async podSandboxStatus({ podSandboxId, verbose }) {
      const { pod, kept } = await findPod(engine, podSandboxId);
      return {
        status: podStatus(pod, kept),
        containersStatuses: await containersStatuses(engine, pod.containerIds),
        timestamp: BigInt(Date.now()) * 1_000_000n,
        ...(verbose
          ? {
              info: {
                info: JSON.stringify({
                  namespaces: pod.namespaces,
                  networks: pod.networks,
                  pid: pod.infra?.pid ?? 0,
                  ...kept.limits,
                }),
              },
            }
          : {}),
      };
    },
    async updatePodSandboxResources({ podSandboxId, overhead, resources }, { signal }) {
      const { pod, kept } = await findPod(engine, podSandboxId);
      if (pod.status !== 'ready')
        throw new LadingError(Code.FailedPrecondition, `sandbox ${pod.id} is not ready`);
      // The kubelet has set the limits of the control group before it calls.
      await engine.pods.setMetadata(pod.id, withLimits(kept, { overhead, resources }), { signal });
      return {};
    },
    async listPodSandbox({ filter }) {
      return encodeList('ListPodSandboxResponse', 'items', await listPods(engine, isMade, filter));
    },
    async *streamPodSandboxes({ filter }) {
      const all = await listPods(engine, isMade, filter);
      for (let i = 0; i < all.length; i += sandboxesPerMessage)
        yield encodeList('StreamPodSandboxesResponse', 'podSandboxes', all.slice(i, i + sandboxesPerMessage));
    },
  };
}

/** A kubelet has no use for a pod that cannot be reached; gives its id. */
async function withAddress(engine: Engine, pod: PodInfo): Promise<string> {
  const [network] = pod.networks;
  if (network === undefined || addressesOf(pod).length > 0) return pod.id;
  await engine.pods.remove(pod.id, { force: true, ignoreMissing: true });
  throw new LadingError(
    Code.Unavailable,
    `the network ${network.network} gave the sandbox no address; see how its plugins are configured`,
    { reason: 'NO_ADDRESS' },
  );
}

/** All that CRI says of a sandbox. */
export function podStatus(pod: PodInfo, kept: PodMetadata): Input<PodSandboxStatus> {
  const [address, ...additional] = addressesOf(pod);
  const { network, pid, ipc } = kept.namespaces;
  return {
    ...summary(pod, kept),
    ...(address === undefined
      ? { network: {} }
      : { network: { ip: address, additionalIps: additional.map((ip) => ({ ip })) } }),
    linux: { namespaces: { options: { network, pid, ipc, ...userNamespaceOf(pod) } } },
  };
}

function addressesOf(pod: PodInfo): readonly string[] {
  return pod.networks.flatMap((network) => network.ips.map(({ address }) => address.replace(/\/\d+$/, '')));
}

function summary(pod: PodInfo, kept: PodMetadata): Input<PodSandbox> {
  return {
    id: pod.id,
    metadata: kept.metadata,
    state: stateOf(pod),
    createdAt: nanosecondsOf(pod.createdAt),
    labels: pod.options.labels ?? {},
    annotations: pod.options.annotations ?? {},
    runtimeHandler: kept.runtimeHandler,
  };
}

function stateOf({ status }: PodInfo): PodSandboxState {
  return status === 'ready' ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
}

const listed = encodedItems((pod: PodInfo, kept: PodMetadata) =>
  encodeMessage('PodSandbox', summary(pod, kept)),
);

async function listPods(
  engine: Engine,
  isMade: (pod: PodInfo) => boolean,
  filter: PodSandboxFilter | undefined,
): Promise<readonly EncodedMessage<PodSandbox>[]> {
  const found: EncodedMessage<PodSandbox>[] = [];
  for (const pod of await engine.pods.list()) {
    const kept = podMetadataOf(pod);
    if (kept === undefined || !isMade(pod)) continue;
    if (filter?.id && !pod.id.startsWith(filter.id)) continue;
    if (filter?.state !== undefined && filter.state.state !== stateOf(pod)) continue;
    if (matchesLabels(pod.options.labels ?? {}, filter?.labelSelector)) found.push(listed(pod, kept));
  }
  return found;
}
