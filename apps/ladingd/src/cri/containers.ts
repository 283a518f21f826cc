// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RuntimeServiceHandlers } from '@lading/cri-api';
import type { ContainerInfo, Engine } from '@lading/engine';
import { Code, hasCode, LadingError } from '@lading/errors';
import { containerOptions, resourceLimits } from './container-options.ts';
import { containerStatus, listContainers } from './container-status.ts';
import { type ContainerMetadata, containerMetadataOf } from './metadata.ts';
import { findPod, ignoringUnknown } from './sandboxes.ts';

type Handlers = Pick<
  RuntimeServiceHandlers,
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'removeContainer'
  | 'containerStatus'
  | 'listContainers'
  | 'streamContainers'
  | 'updateContainerResources'
  | 'reopenContainerLog'
  | 'execSync'
>;

const containersPerMessage = 1000;

/** The RPCs about containers, as thin as they get over the engine. */
export function containerHandlers(engine: Engine): Handlers {
  return {
    async createContainer({ podSandboxId, config }, { signal }) {
      if (config === undefined) throw new LadingError(Code.InvalidArgument, 'CreateContainer needs a config');
      const { pod, kept } = await findPod(engine, podSandboxId);
      if (pod.status !== 'ready')
        throw new LadingError(Code.FailedPrecondition, `sandbox ${pod.id} is not ready`);
      const name = config.image?.image ?? '';
      if (name === '') throw new LadingError(Code.InvalidArgument, 'config.image.image is empty');
      const image = await engine.images.find(name);
      if (image === undefined)
        throw new LadingError(Code.NotFound, `image ${name} is not in the store; pull it first`);
      const options = containerOptions(config, pod, kept, image.id);
      if (options.logPath !== undefined) await mkdir(dirname(options.logPath), { recursive: true });
      // The kubelet expects a missing host path to be made, as a folder.
      for (const mount of options.mounts ?? []) if (mount.type === 'bind') await makeSource(mount.source);
      const container = await engine.containers.create(options, { signal });
      return { containerId: container.id };
    },
    async startContainer({ containerId }, { signal }) {
      const { container } = await findContainer(engine, containerId);
      await engine.containers.start(container.id, { signal });
      return {};
    },
    async stopContainer({ containerId, timeout }, { signal }) {
      await ignoringUnknown(async () => {
        const { container } = await findContainer(engine, containerId);
        await engine.containers.stop(container.id, { timeoutMs: Number(timeout) * 1000, signal });
      });
      return {};
    },
    async removeContainer({ containerId }, { signal }) {
      await ignoringUnknown(async () => {
        const { container } = await findContainer(engine, containerId);
        await engine.containers.remove(container.id, { force: true, signal });
      });
      return {};
    },
    async containerStatus({ containerId, verbose }) {
      const { container, kept } = await findContainer(engine, containerId);
      return containerStatus(engine, container, kept, verbose);
    },
    async listContainers({ filter }) {
      return { containers: await listContainers(engine, filter) };
    },
    async *streamContainers({ filter }) {
      const all = await listContainers(engine, filter);
      for (let i = 0; i < all.length; i += containersPerMessage)
        yield { containers: all.slice(i, i + containersPerMessage) };
    },
    async updateContainerResources({ containerId, linux }) {
      const { container } = await findContainer(engine, containerId);
      if (linux !== undefined) await engine.containers.update(container.id, resourceLimits(linux));
      return {};
    },
    async reopenContainerLog({ containerId }) {
      const { container } = await findContainer(engine, containerId);
      if (container.status !== 'running') {
        throw new LadingError(
          Code.FailedPrecondition,
          `container ${containerId} is ${container.status}; only a running one has an open log`,
        );
      }
      await engine.containers.reopenLog(container.id);
      return {};
    },
    async execSync({ containerId, cmd, timeout }, { signal }) {
      const { container } = await findContainer(engine, containerId);
      if (cmd.length === 0) throw new LadingError(Code.InvalidArgument, 'cmd is empty');
      const seconds = Number(timeout);
      const options = { command: cmd, signal, ...(seconds > 0 ? { timeoutMs: seconds * 1000 } : {}) };
      const { stdout, stderr, exitCode } = await engine.containers.execSync(container.id, options);
      return { stdout, stderr, exitCode };
    },
  };
}

/** A container and what CRI keeps of it. @throws LadingError `not_found` also for containers that are not CRI's */
async function findContainer(
  engine: Engine,
  id: string,
): Promise<{ container: ContainerInfo; kept: ContainerMetadata }> {
  if (id === '') throw new LadingError(Code.InvalidArgument, 'container_id is empty');
  const container = await engine.containers.inspect(id);
  const kept = containerMetadataOf(container);
  if (kept === undefined) throw new LadingError(Code.NotFound, `container ${id} was not made through CRI`);
  return { container, kept };
}

async function makeSource(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    if (!hasCode(LadingError.from(error), Code.AlreadyExists)) throw error; // it is a file, which is fine
  }
}
