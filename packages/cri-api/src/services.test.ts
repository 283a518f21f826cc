// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Code, LadingError } from '@lading/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageServiceMethods, runtimeServiceMethods } from './generated/services.ts';
import {
  addImageService,
  addRuntimeService,
  createImageClient,
  createRuntimeClient,
  EncodedMessage,
  encodeList,
  encodeMessage,
  type ImageClient,
  messageLimits,
  type RuntimeClient,
  type RuntimeServiceHandlers,
} from './index.ts';

let folder = '';
let server: Server;
let runtime: RuntimeClient;
let images: ImageClient;
const aborted: string[] = [];

/** Waits for the signal of a call; how a handler sees that its client is gone. */
function untilAborted(name: string, signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      aborted.push(name);
      reject(signal.reason);
    });
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-cri-'));
  server = new Server(messageLimits());
  addRuntimeService(server, {
    version: async ({ version }) => ({ version, runtimeName: 'test', runtimeApiVersion: 'v1' }),
    stopContainer: async ({ containerId, timeout }) => {
      throw new LadingError(Code.NotFound, `container ${containerId} after ${timeout}`, {
        reason: 'CONTAINER_UNKNOWN',
      });
    },
    removeContainer: () => {
      throw new Error('broken');
    },
    stopPodSandbox: async () => {
      throw Object.assign(new Error('ENOENT: no such file, open /x'), { code: 'ENOENT' });
    },
    removePodSandbox: async () => {
      throw new LadingError(Code.Internal, 'x'.repeat(100_000));
    },
    attach: async ({ containerId }) => ({ url: containerId }),
    execSync: (_request, { signal }) => untilAborted('execSync', signal),
    async *streamContainers() {
      for (let i = 0; i < 500; i++) yield { containers: [{ id: `${i}`.padEnd(1000), createdAt: BigInt(i) }] };
    },
    async *getContainerEvents(_request, { signal }) {
      yield { containerId: 'a', createdAt: 1n };
      await untilAborted('getContainerEvents', signal);
    },
    async *streamPodSandboxes() {
      yield { podSandboxes: [] };
      throw new LadingError(Code.ResourceExhausted, 'too much');
    },
  });
  addImageService(server, { imageStatus: async () => ({}) });
  const address = `unix://${join(folder, 'cri.sock')}`;
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  runtime = createRuntimeClient(address);
  images = createImageClient(join(folder, 'cri.sock'));
});

afterAll(async () => {
  runtime.close();
  images.close();
  server.forceShutdown();
  await rm(folder, { recursive: true });
});

describe('the interface', () => {
  it('has all 43 calls, 7 of them streams', () => {
    const all = [...Object.values(runtimeServiceMethods), ...Object.values(imageServiceMethods)];
    expect(all).toHaveLength(43);
    expect(all.filter((method) => method.stream)).toHaveLength(7);
  });
});

describe('a client and a server on a unix socket', () => {
  it('carry a request and its response', async () => {
    expect(await runtime.version({ version: 'v1' })).toEqual({
      version: 'v1',
      runtimeName: 'test',
      runtimeVersion: '',
      runtimeApiVersion: 'v1',
    });
  });

  it('carry a response without the optional message', async () => {
    expect(await images.imageStatus({ image: { image: 'x' } })).toEqual({ info: {} });
  });

  it("carry an error's code, message and reason", async () => {
    await expect(runtime.stopContainer({ containerId: 'c', timeout: 5n })).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'CONTAINER_UNKNOWN',
      message: 'container c after 5',
    });
  });

  it('carry a fault of the server as internal, without its stack', async () => {
    const error = await runtime.removeContainer({ containerId: 'c' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: Code.Internal, message: 'broken' });
  });

  it('do not take a file that the server misses for a pod that is gone', async () => {
    await expect(runtime.stopPodSandbox({ podSandboxId: 'p' })).rejects.toMatchObject({
      code: Code.Internal,
    });
  });

  it('cut a long message', async () => {
    const error: unknown = await runtime.removePodSandbox({ podSandboxId: 'p' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: Code.Internal, message: 'x'.repeat(4096) });
  });

  it('carry 16 MiB and no more, both ways', async () => {
    const small = 'x'.repeat(10 << 20);
    expect((await runtime.attach({ containerId: small })).url).toHaveLength(small.length);
    await expect(runtime.attach({ containerId: 'x'.repeat(16 << 20) })).rejects.toMatchObject({
      code: Code.ResourceExhausted,
    });
    using narrow = createRuntimeClient(join(folder, 'cri.sock'), { maxMessageBytes: 1000 });
    await expect(Array.fromAsync(narrow.streamContainers({}))).rejects.toMatchObject({
      code: Code.ResourceExhausted,
    });
  });

  it('refuse a request whose number does not fit, before it is sent', async () => {
    await expect(runtime.stopContainer({ timeout: 2n ** 63n })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });

  it('answer UNIMPLEMENTED for what has no handler, with the name of the call', async () => {
    await expect(runtime.checkpointPod({ podSandboxId: 'p' })).rejects.toMatchObject({
      code: Code.Unimplemented,
      message: 'runtime.v1.RuntimeService.CheckpointPod is not implemented by this server',
    });
    await expect(Array.fromAsync(images.streamImages({}))).rejects.toMatchObject({
      code: Code.Unimplemented,
    });
  });

  it('carry a stream of more than the windows hold, in order', async () => {
    const all = await Array.fromAsync(runtime.streamContainers({}));
    expect(all.map((piece) => piece.containers[0]?.createdAt)).toEqual(
      Array.from({ length: 500 }, (_, i) => BigInt(i)),
    );
  });

  it('carry an error in the middle of a stream', async () => {
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const piece of runtime.streamPodSandboxes({})) seen.push(piece);
    };
    await expect(read()).rejects.toMatchObject({ code: Code.ResourceExhausted, message: 'too much' });
    expect(seen).toEqual([{ podSandboxes: [] }]);
  });

  it("abort the handler's signal when the client gives up", async () => {
    const controller = new AbortController();
    const call = runtime.execSync({ containerId: 'c' }, { signal: controller.signal });
    controller.abort(new LadingError(Code.Canceled, 'enough'));
    await expect(call).rejects.toMatchObject({ code: Code.Canceled, message: 'enough' });
  });

  it("abort the handler's signal when the time is up", async () => {
    await expect(runtime.execSync({ containerId: 'c' }, { timeoutMs: 50 })).rejects.toMatchObject({
      code: Code.DeadlineExceeded,
    });
    await expect.poll(() => aborted).toContain('execSync');
  });

  it('end a stream whose reader stops', async () => {
    for await (const event of runtime.getContainerEvents({})) {
      expect(event.createdAt).toBe(1n);
      break;
    }
    await expect.poll(() => aborted).toContain('getContainerEvents');
  });

  it('refuse a signal that is aborted before the call', async () => {
    await expect(runtime.version({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: Code.Canceled,
    });
    const events = runtime.getContainerEvents({}, { signal: AbortSignal.abort() });
    await expect(Array.fromAsync(events)).rejects.toMatchObject({ code: Code.Canceled });
  });

  it('say that nobody listens', async () => {
    using nobody = createRuntimeClient(join(folder, 'nobody.sock'));
    await expect(nobody.version({})).rejects.toMatchObject({ code: Code.Unavailable });
    await expect(Array.fromAsync(nobody.streamContainers({}))).rejects.toMatchObject({
      code: Code.Unavailable,
    });
  });
});

describe('answers in bytes', () => {
  const containers = [encodeMessage('Container', { id: 'a', createdAt: 7n }), encodeMessage('Container', {})];
  const wrong = new EncodedMessage<never>('StreamContainersResponse', Buffer.alloc(0));
  const handlers: RuntimeServiceHandlers = {
    listContainers: async () => encodeList('ListContainersResponse', 'containers', containers),
    async *streamContainers() {
      for (const one of containers) yield encodeList('StreamContainersResponse', 'containers', [one]);
    },
    listPodSandbox: async () => wrong,
  };

  it('are sent as they are, by both versions and in streams; one of another call is a fault', async () => {
    const both = new Server(messageLimits());
    const socket = join(folder, 'bytes.sock');
    addRuntimeService(both, handlers);
    addRuntimeService(both, handlers, 'v1alpha2');
    await new Promise((done) => both.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), done));
    using older = createRuntimeClient(socket, { apiVersion: 'v1alpha2', timeoutMs: 10_000 });
    using newer = createRuntimeClient(socket, { timeoutMs: 10_000 });
    const told = [
      { id: 'a', createdAt: 7n },
      { id: '', createdAt: 0n },
    ];
    try {
      for (const client of [older, newer])
        expect((await client.listContainers({})).containers).toMatchObject(told);
      const pieces = await Array.fromAsync(newer.streamContainers({}));
      expect(pieces.map((piece) => piece.containers)).toMatchObject(told.map((one) => [one]));
      await expect(newer.listPodSandbox({})).rejects.toMatchObject({ code: Code.Internal });
    } finally {
      both.forceShutdown();
    }
  });
});

describe('v1alpha2', () => {
  it('is served beside v1 by the same handlers, with the 29 calls that it had', async () => {
    const both = new Server(messageLimits());
    const socket = join(folder, 'both.sock');
    const handlers = { version: async ({ version }: { readonly version: string }) => ({ version }) };
    addRuntimeService(both, handlers);
    addImageService(both, { imageFsInfo: async () => ({ imageFilesystems: [{ timestamp: 5n }] }) });
    addRuntimeService(both, handlers, 'v1alpha2');
    addImageService(
      both,
      { imageFsInfo: async () => ({ imageFilesystems: [{ timestamp: 5n }] }) },
      'v1alpha2',
    );
    await new Promise((done) => both.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), done));
    using older = createRuntimeClient(socket, { apiVersion: 'v1alpha2', timeoutMs: 10_000 });
    using olderImages = createImageClient(socket, { apiVersion: 'v1alpha2', timeoutMs: 10_000 });
    using newer = createRuntimeClient(socket, { timeoutMs: 10_000 });
    try {
      expect((await older.version({ version: 'a' })).version).toBe('a');
      expect((await newer.version({ version: 'b' })).version).toBe('b');
      expect((await olderImages.imageFsInfo({})).imageFilesystems).toMatchObject([{ timestamp: 5n }]);
      await expect(older.podSandboxStats({})).rejects.toMatchObject({
        code: 'unimplemented',
        message: 'runtime.v1alpha2.RuntimeService.PodSandboxStats is not implemented by this server',
      });
      const calls = (client: object): number => Object.keys(client).filter((name) => name !== 'close').length;
      expect(calls(older) + calls(olderImages)).toBe(29);
      expect(calls(newer) + Object.keys(imageServiceMethods).length).toBe(43);
    } finally {
      both.forceShutdown();
    }
  });

  it('is not there unless it was added', async () => {
    using older = createRuntimeClient(join(folder, 'cri.sock'), {
      apiVersion: 'v1alpha2',
      timeoutMs: 10_000,
    });
    await expect(older.version({})).rejects.toMatchObject({ code: 'unimplemented' });
  });
});
