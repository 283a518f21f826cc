// SPDX-License-Identifier: Apache-2.0
import type { RuntimeServiceHandlers } from '@lading/cri-api';
import type { ProcessStreams, StreamingServer } from '@lading/cri-streaming';
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { dialInPod } from './dial-in-pod.ts';
import { findContainer, findPod } from './find.ts';

type Handlers = Pick<RuntimeServiceHandlers, 'exec' | 'attach' | 'portForward'>;

/** The RPCs that answer with a URL of the streaming server. */
export function streamingHandlers(engine: Engine, server: StreamingServer): Handlers {
  return {
    async exec({ containerId, cmd, tty, stdin, stdout, stderr }) {
      if (cmd.length === 0) throw new LadingError(Code.InvalidArgument, 'cmd is empty');
      const id = await runningContainer(engine, containerId, 'exec');
      const run = (streams: ProcessStreams) =>
        engine.containers.exec(id, { ...streams, command: cmd, terminal: tty });
      return { url: server.exec({ tty, stdin, stdout, stderr, run }) };
    },
    async attach({ containerId, tty, stdin, stdout, stderr }) {
      const id = await runningContainer(engine, containerId, 'attach');
      const run = (streams: ProcessStreams) => attach(engine, id, streams);
      return { url: server.attach({ tty, stdin, stdout, stderr, run }) };
    },
    async portForward({ podSandboxId, port }) {
      const { pod } = await findPod(engine, podSandboxId);
      if (pod.status !== 'ready') {
        throw new LadingError(
          Code.FailedPrecondition,
          `sandbox ${pod.id} is not ready; ports are forwarded to one that is`,
        );
      }
      // Undefined for the network of the host.
      const { net } = pod.namespaces;
      return { url: server.portForward({ ports: port, dial: (to) => dialInPod(net, to) }) };
    },
  };
}

async function runningContainer(engine: Engine, ref: string, verb: string): Promise<string> {
  const { container } = await findContainer(engine, ref);
  if (container.status === 'running') return container.id;
  throw new LadingError(
    Code.FailedPrecondition,
    `container ${container.id} is ${container.status}; ${verb} needs one that runs`,
    { reason: 'CONTAINER_NOT_RUNNING' },
  );
}

/** Until the container has ended its output, or the client has gone: the container goes on then. */
async function attach(engine: Engine, id: string, streams: ProcessStreams): Promise<void> {
  const { resizes, signal, ...rest } = streams;
  const attachment = await engine.containers.attach(id, rest, { signal });
  const following = (async () => {
    for await (const size of resizes ?? []) await attachment.resize(size);
  })();
  // A size that cannot be set any more is no reason to end: the output tells when the container has ended.
  following.catch(() => {});
  await attachment.done;
}
