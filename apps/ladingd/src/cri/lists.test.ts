// SPDX-License-Identifier: Apache-2.0
import { Metadata } from '@grpc/grpc-js';
import {
  type Container,
  ContainerState,
  decode,
  EncodedMessage,
  encode,
  type Input,
  type PodSandbox,
  PodSandboxState,
} from '@lading/cri-api';
import type { ContainerInfo, Engine, PodInfo } from '@lading/engine';
import { beforeEach, expect, it } from 'vitest';
import { containerHandlers } from './containers.ts';
import type { ContainerMetadata, PodMetadata } from './metadata.ts';
import { sandboxHandlers } from './sandboxes.ts';

const imageId = 'c'.repeat(64);

function container(letter: string, labels: Readonly<Record<string, string>>): ContainerInfo {
  const cri: ContainerMetadata = {
    metadata: { name: `name-${letter}`, attempt: 2 },
    image: 'quay.io/team/app:1',
    userSpecifiedImage: 'app:1',
    mounts: [],
    logPath: '/log',
  };
  return {
    version: 1,
    id: letter.repeat(64),
    name: letter,
    createdAt: '1970-01-01T00:00:01.000Z',
    imageId,
    imageName: 'quay.io/team/app:1',
    options: { image: imageId, labels, annotations: { note: letter }, metadata: { cri } },
    podId: 'e'.repeat(64),
    runtime: 'runc',
    process: { args: ['sh'], env: [], cwd: '/', user: '' },
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    logPath: '/log',
    bundle: '/bundle',
    restartCount: 0,
    status: 'created',
    pid: 0,
  };
}

/** What the list says of one of these, as it was encoded without anything kept. */
function plain(letter: string, labels: Container['labels'], state: ContainerState): Input<Container> {
  return {
    id: letter.repeat(64),
    podSandboxId: 'e'.repeat(64),
    metadata: { name: `name-${letter}`, attempt: 2 },
    image: { image: 'quay.io/team/app:1', userSpecifiedImage: 'app:1' },
    imageRef: imageId,
    state,
    createdAt: 1_000_000_000n,
    labels,
    annotations: { note: letter },
    imageId,
  };
}

function pod(letter: string, labels: Readonly<Record<string, string>>): PodInfo {
  const cri: PodMetadata = {
    metadata: { name: letter, uid: 'u', namespace: 'n', attempt: 0 },
    logDirectory: '/logs',
    namespaces: { network: 0, pid: 1, ipc: 0 },
    runtimeHandler: 'runc',
  };
  return {
    version: 1,
    id: letter.repeat(64),
    name: letter,
    hostname: letter,
    createdAt: '1970-01-01T00:00:02.000Z',
    options: { labels, metadata: { cri } },
    bootId: 'boot',
    namespaces: {},
    networks: [],
    files: { resolvConf: '/r', hosts: '/h', hostname: '/n' },
    status: 'ready',
    containerIds: [],
  };
}

const plainPod = (
  letter: string,
  labels: PodSandbox['labels'],
  state: PodSandboxState,
): Input<PodSandbox> => ({
  id: letter.repeat(64),
  metadata: { name: letter, uid: 'u', namespace: 'n', attempt: 0 },
  state,
  createdAt: 2_000_000_000n,
  labels,
  annotations: {},
  runtimeHandler: 'runc',
});

let containers: ContainerInfo[];
let pods: PodInfo[];
const engine: Partial<Engine> = {
  containers: { list: async () => containers } as Partial<Engine['containers']> as Engine['containers'],
  pods: { list: async () => pods } as Partial<Engine['pods']> as Engine['pods'],
};
const { listContainers, streamContainers } = containerHandlers(engine as Engine);
const { listPodSandbox, streamPodSandboxes } = sandboxHandlers(engine as Engine);
const context = { signal: new AbortController().signal, metadata: new Metadata() };
const [web, db] = [{ app: 'web' }, { app: 'db' }];

beforeEach(() => {
  containers = [container('a', web), container('b', db)];
  pods = [pod('e', web), pod('f', db)];
});

/** Bytes of an answer, which are to be those of the plain items. */
function expectBytes(answer: object | undefined, name: string, value: object): void {
  if (!(answer instanceof EncodedMessage)) throw new Error(`${name} is not in bytes`);
  const { bytes } = answer;
  expect(decode(name, bytes)).toEqual(decode(name, encode(name, value)));
  expect(bytes.equals(encode(name, value))).toBe(true);
}

async function expectContainers(filter: object, ...items: Input<Container>[]): Promise<void> {
  const request = { filter: { id: '', podSandboxId: '', labelSelector: {}, ...filter } };
  expectBytes(await listContainers?.(request, context), 'ListContainersResponse', { containers: items });
  for await (const piece of streamContainers?.(request, context) ?? [])
    expectBytes(piece, 'StreamContainersResponse', { containers: items });
}

async function expectPods(filter: object, ...items: Input<PodSandbox>[]): Promise<void> {
  const request = { filter: { id: '', labelSelector: {}, ...filter } };
  expectBytes(await listPodSandbox?.(request, context), 'ListPodSandboxResponse', { items });
  for await (const piece of streamPodSandboxes?.(request, context) ?? [])
    expectBytes(piece, 'StreamPodSandboxesResponse', { podSandboxes: items });
}

it('lists of containers have the bytes of a plain encoding, whatever changed since the last', async () => {
  const { CONTAINER_CREATED, CONTAINER_RUNNING } = ContainerState;
  const [a, b] = [plain('a', web, CONTAINER_CREATED), plain('b', db, CONTAINER_CREATED)];
  await expectContainers({}, a, b);
  await expectContainers({}, a, b);
  await expectContainers({ labelSelector: web }, a);
  await expectContainers({ id: 'bbb' }, b);
  await expectContainers({ state: { state: CONTAINER_RUNNING } });
  containers = containers.map((one) => (one.name === 'b' ? { ...one, status: 'running', pid: 7 } : one));
  const running = plain('b', db, CONTAINER_RUNNING);
  await expectContainers({}, a, running);
  await expectContainers({ state: { state: CONTAINER_RUNNING } }, running);
  await expectContainers({ podSandboxId: 'f' });
  containers = containers.slice(1);
  await expectContainers({}, running);
  containers = [];
  await expectContainers({});
});

it('lists of sandboxes have the bytes of a plain encoding, whatever changed since the last', async () => {
  const { SANDBOX_READY, SANDBOX_NOTREADY } = PodSandboxState;
  const [e, f] = [plainPod('e', web, SANDBOX_READY), plainPod('f', db, SANDBOX_READY)];
  await expectPods({}, e, f);
  await expectPods({}, e, f);
  await expectPods({ labelSelector: db }, f);
  await expectPods({ state: { state: SANDBOX_NOTREADY } });
  pods = pods.map((one) => (one.name === 'e' ? { ...one, status: 'notready' } : one));
  await expectPods({}, plainPod('e', web, SANDBOX_NOTREADY), f);
  await expectPods({ state: { state: SANDBOX_NOTREADY } }, plainPod('e', web, SANDBOX_NOTREADY));
  pods = pods.slice(1);
  await expectPods({}, f);
});
