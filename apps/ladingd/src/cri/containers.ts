// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { encodeList, NamespaceMode, type RuntimeServiceHandlers } from '@lading/cri-api';
import type { ContainerInfo, Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { makeFolders } from '@lading/linux';
import type { Reloadable } from '../config/reloadable.ts';
import { withAllowedAnnotations } from './allowed-annotations.ts';
import { withDefaults } from './container-defaults.ts';
import { containerOptions, resourceLimits } from './container-options.ts';
import { containerStatus, listContainers } from './container-status.ts';
import { checkNeededSources, withDefaultMounts } from './default-mounts.ts';
import { findContainer, findPod, ignoringUnknown, runtimeName } from './find.ts';
import { askHandlers } from './handler-features.ts';
import { requestOf, withRequest } from './metadata.ts';
import { createRepeatedRequests, digestOfRequest } from './repeated-requests.ts';
import { waitMs } from './time.ts';
import { checkSameIds } from './user-namespaces.ts';

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
export function containerHandlers(engine: Engine, settings: () => Reloadable = () => ({})): Handlers {
  const requests = createRepeatedRequests();
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
      const live = settings();
      const runtime = runtimeName(engine, pod.options.runtime);
      const asked = withAllowedAnnotations(containerOptions(config, pod, kept, image.id), live, {
        runtime,
        annotations: pod.options.annotations ?? {},
        container: config.metadata?.name ?? '',
      });
      checkNeededSources(asked, live.neededMountSources);
      if (config.mounts.some(({ recursiveReadOnly }) => recursiveReadOnly))
        await checkRecursiveReadOnly(engine, runtime);
      const options = await withDefaultMounts(withDefaults(asked, live, runtime), live.defaultMountsFile);
      const target = config.linux?.securityContext?.namespaceOptions;
      if (target?.pid === NamespaceMode.TARGET) await checkTarget(engine, pod.id, target.targetId);
      checkSameIds(options, pod, target?.usernsOptions);
      const digest = digestOfRequest(options);
      const containerId = await requests.answer({
        name: options.name ?? '',
        digest,
        signal,
        make: async () => {
          try {
            return (await engine.containers.create(withRequest(options, digest))).id;
          } catch (error) {
            throw inWordsOfKubelet(LadingError.from(error));
          }
        },
        digestOf: async (id) => {
          // A pod may have the name too.
          if (!(await engine.containers.exists(id))) return undefined;
          const container = await engine.containers.inspect(id);
          return container.status === 'created' ? requestOf(container) : undefined;
        },
      });
      await makeMissing(engine, await engine.containers.inspect(containerId));
      return { containerId };
    },
    async startContainer({ containerId }, { signal }) {
      const { container } = await findContainer(engine, containerId);
      try {
        await engine.containers.start(container.id, { signal });
      } catch (error) {
        throw inWordsOfKubelet(LadingError.from(error));
      }
      return {};
    },
    async stopContainer({ containerId, timeout }, { signal }) {
      await ignoringUnknown(async () => {
        const { container } = await findContainer(engine, containerId);
        await engine.containers.stop(container.id, { timeoutMs: waitMs(timeout), signal });
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
      return encodeList('ListContainersResponse', 'containers', await listContainers(engine, filter));
    },
    async *streamContainers({ filter }) {
      const all = await listContainers(engine, filter);
      for (let i = 0; i < all.length; i += containersPerMessage)
        yield encodeList('StreamContainersResponse', 'containers', all.slice(i, i + containersPerMessage));
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
      // Zero means no limit.
      const options = { command: cmd, signal, ...(timeout > 0n ? { timeoutMs: waitMs(timeout) } : {}) };
      const { stdout, stderr, exitCode } = await engine.containers.execSync(container.id, options);
      return { stdout, stderr, exitCode };
    },
  };
}

/** The kubelet tells by the first word of a message that a volume is to blame. */
function inWordsOfKubelet(error: LadingError): LadingError {
  const { code, reason, message } = error;
  if (reason !== 'IMAGE_SUBPATH_MISSING') return error;
  return new LadingError(code, `ImageVolumeMountFailed: ${message}`, { reason, cause: error });
}

/** A runtime that does not know the option would leave what is mounted below the mount writable. */
async function checkRecursiveReadOnly({ runtimes }: Engine, name: string): Promise<void> {
  const handler = runtimes[name];
  const [asked] = handler === undefined ? [] : await askHandlers({ [name]: handler });
  if (asked?.features.recursiveReadOnlyMounts) return;
  // The kubelet tells by the first word.
  throw new LadingError(
    Code.FailedPrecondition,
    `RROUnsupported: the runtime ${name} cannot make mounts read-only to their depth; it takes runc 1.1 and Linux 5.12`,
  );
}

/** The processes of other pods are nobody's business. */
async function checkTarget(engine: Engine, podId: string, targetId: string): Promise<void> {
  const { container } = await findContainer(engine, targetId);
  if (container.podId !== podId) {
    throw new LadingError(
      Code.InvalidArgument,
      `target_id ${container.id} is a container of another pod: only one of the same can be joined`,
    );
  }
  if (container.status !== 'running') {
    throw new LadingError(
      Code.FailedPrecondition,
      `target_id ${container.id} is ${container.status}: its processes can be seen while it runs`,
    );
  }
}

/**
 * The kubelet expects folders of a mount or a log that are missing to be made. Only now, so that a request
 * that is refused leaves nothing.
 */
async function makeMissing(engine: Engine, container: ContainerInfo): Promise<void> {
  const { mounts = [], logPath } = container.options;
  const folders = [
    ...(logPath === undefined ? [] : [dirname(logPath)]),
    ...mounts.flatMap((mount) => (mount.type === 'bind' ? [mount.source] : [])),
  ];
  try {
    for (const folder of folders) makeFolder(folder);
  } catch (error) {
    await engine.containers.remove(container.id, { force: true });
    throw error;
  }
}

function makeFolder(path: string): void {
  if (existsSync(path)) return; // a file or a socket is as good to mount
  try {
    makeFolders(path, 0o777);
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    const code = failure.code === Code.AlreadyExists ? Code.FailedPrecondition : failure.code;
    throw new LadingError(code, `cannot make the folder ${path}: ${failure.message}`, {
      cause: error,
    });
  }
}
