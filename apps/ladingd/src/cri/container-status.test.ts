// SPDX-License-Identifier: Apache-2.0
import { ContainerState, Signal } from '@lading/cri-api';
import type { ContainerInfo } from '@lading/engine';
import { expect, it } from 'vitest';
import { stateOf, statusOf } from './container-status.ts';
import type { ContainerMetadata } from './metadata.ts';

const kept: ContainerMetadata = {
  metadata: { name: 'main', attempt: 1 },
  image: 'quay.io/team/app:1',
  userSpecifiedImage: 'app:1',
  mounts: [],
  logPath: '/var/log/pods/web/main.log',
};

const imageId = 'c'.repeat(64);
const base: ContainerInfo = {
  version: 1,
  id: 'a'.repeat(64),
  name: 'k8s_main_web_shop_u_1',
  createdAt: '1970-01-01T00:00:01.000Z',
  imageId,
  imageName: 'quay.io/team/app:1',
  options: { image: imageId, labels: { a: '1' }, resources: { cpuShares: 2 }, oomScoreAdj: -5 },
  podId: 'b'.repeat(64),
  runtime: 'runc',
  process: { args: ['sh'], env: ['SECRET=1'], cwd: '/', user: '' },
  stopSignal: 'SIGQUIT',
  stopTimeoutMs: 10_000,
  logPath: kept.logPath,
  bundle: '/bundle',
  restartCount: 0,
  status: 'created',
  pid: 0,
};

const exit = { exitCode: 0, oomKilled: false, finishedAt: '1970-01-01T00:00:02.000Z' };

it.each([
  [{ status: 'created' }, ContainerState.CONTAINER_CREATED],
  [{ status: 'created', exit }, ContainerState.CONTAINER_EXITED],
  [{ status: 'running' }, ContainerState.CONTAINER_RUNNING],
  [{ status: 'paused' }, ContainerState.CONTAINER_RUNNING],
  [{ status: 'stopped' }, ContainerState.CONTAINER_RUNNING],
  [{ status: 'stopped', exit }, ContainerState.CONTAINER_EXITED],
  [{ status: 'exited', exit }, ContainerState.CONTAINER_EXITED],
] as const)('a container of %j has the state %d', (container, state) => {
  expect(stateOf(container)).toBe(state);
});

it('tells all of a container that was made', () => {
  expect(statusOf(base, kept, undefined)).toEqual({
    id: base.id,
    metadata: kept.metadata,
    state: ContainerState.CONTAINER_CREATED,
    createdAt: 1_000_000_000n,
    startedAt: 0n,
    finishedAt: 0n,
    exitCode: 0,
    image: { image: kept.image, userSpecifiedImage: 'app:1' },
    imageRef: imageId,
    imageId,
    reason: '',
    message: '',
    labels: { a: '1' },
    annotations: {},
    mounts: [],
    logPath: kept.logPath,
    resources: {
      linux: {
        oomScoreAdj: -5n,
        cpuPeriod: 0n,
        cpuQuota: 0n,
        cpuShares: 2n,
        memoryLimitInBytes: 0n,
        memorySwapLimitInBytes: 0n,
        cpusetCpus: '',
        cpusetMems: '',
        unified: {},
        hugepageLimits: [],
      },
    },
    stopSignal: Signal.SIGNAL_SIGQUIT,
  });
});

it.each([
  [0, false, 'Completed'],
  [1, false, 'Error'],
  [137, true, 'OOMKilled'],
  [255, false, 'Error'],
])('an end with %d, by memory: %s, is %s', (exitCode, oomKilled, reason) => {
  const exit = { exitCode, oomKilled, finishedAt: '1970-01-01T00:00:02.000Z' };
  expect(statusOf({ ...base, status: 'exited', exit }, kept, undefined)).toMatchObject({
    state: ContainerState.CONTAINER_EXITED,
    exitCode,
    reason,
    finishedAt: 2_000_000_000n,
  });
});

it('has not ended for who is told as long as its exit code is not known', () => {
  expect(statusOf({ ...base, status: 'stopped' }, kept, undefined)).toMatchObject({
    state: ContainerState.CONTAINER_RUNNING,
    finishedAt: 0n,
    reason: '',
  });
});

it.each([imageId, `sha256:${imageId}`, imageId.slice(0, 12)])(
  'names the image that %s stands for',
  (image) => {
    expect(statusOf(base, { ...kept, image }, undefined).image?.image).toBe('quay.io/team/app:1');
  },
);

it('refers to the image by its digest, where it has one', () => {
  const repoDigest = `quay.io/team/app@sha256:${'d'.repeat(64)}`;
  expect(statusOf(base, kept, repoDigest).imageRef).toBe(repoDigest);
});
