// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { ContainerMount } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import { usesImage } from './image-mounts.ts';

const made = (imageId: string, mounts: readonly ContainerMount[]): ContainerRecord => ({
  version: 1,
  id: 'a',
  name: 'a',
  createdAt: '',
  imageId,
  imageName: '',
  options: { image: imageId, mounts },
  runtime: 'runc',
  process: { args: ['sh'], env: [], cwd: '/', user: '' },
  stopSignal: 'SIGTERM',
  stopTimeoutMs: 0,
  logPath: '',
  bundle: '',
  restartCount: 0,
});

it('takes an image for used by what was made from it and by what has its files mounted', () => {
  const container = made('one', [
    { type: 'image', source: 'two', target: '/data' },
    { type: 'bind', source: 'three', target: '/x' },
  ]);
  expect(['one', 'two', 'three', 'four'].map((id) => usesImage(container, id))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
