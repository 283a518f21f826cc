// SPDX-License-Identifier: Apache-2.0
import { type ContainerConfig, type Input, NamespaceMode } from '@lading/cri-api';
import type { Served, World } from './world.ts';

/** What a test file has, at the moment of a call. */
interface Present {
  readonly world: World;
  readonly daemon: Served;
  /** Of the containers. */
  readonly image: string;
}

/** Pods and containers in few words, for tests of the fields of their requests. */
export interface PodCalls {
  runPod(name: string, namespaceOptions?: object, securityContext?: object): Promise<string>;
  create(podSandboxId: string, name: string, more?: Input<ContainerConfig>): Promise<string>;
  /** Creates too. */
  start(podSandboxId: string, name: string, more?: Input<ContainerConfig>): Promise<string>;
  /** What a command in the container prints on both streams, and its exit code. */
  exec(containerId: string, ...script: readonly string[]): Promise<string>;
}

export function podCalls(present: () => Present): PodCalls {
  const calls: PodCalls = {
    async runPod(name, namespaceOptions = {}, securityContext = {}) {
      const { world, daemon } = present();
      const config = world.pod(name, {
        linux: {
          cgroupParent: world.cgroupParent,
          securityContext: {
            ...securityContext,
            namespaceOptions: { pid: NamespaceMode.CONTAINER, ...namespaceOptions },
          },
        },
      });
      return (await daemon.runtime.runPodSandbox({ config })).podSandboxId;
    },
    async create(podSandboxId, name, more = {}) {
      const { daemon, image } = present();
      const config = { metadata: { name }, image: { image }, command: ['sleep', '1000'], ...more };
      return (await daemon.runtime.createContainer({ podSandboxId, config })).containerId;
    },
    async start(podSandboxId, name, more) {
      const containerId = await calls.create(podSandboxId, name, more);
      await present().daemon.runtime.startContainer({ containerId });
      return containerId;
    },
    async exec(containerId, ...script) {
      const cmd = ['sh', '-c', script.join('; ')];
      const { runtime } = present().daemon;
      const { stdout, stderr, exitCode } = await runtime.execSync({ containerId, cmd, timeout: 30n });
      return `${Buffer.from(stdout)}${Buffer.from(stderr)}${exitCode === 0 ? '' : `exit ${exitCode}`}`;
    },
  };
  return calls;
}

export const security = (securityContext: object): Input<ContainerConfig> => ({ linux: { securityContext } });

/** A line of a script that prints what the kernel says of its process. */
export const statusLine = (key: string): string =>
  `while read k v; do if [ "$k" = ${key}: ]; then echo $v; fi; done </proc/self/status`;
