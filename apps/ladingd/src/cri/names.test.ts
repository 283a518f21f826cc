// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { expect, it } from 'vitest';
import { containerName, podName } from './names.ts';

const pod = { name: 'web', namespace: 'shop', uid: '12-34', attempt: 2 };

it('names a pod as kubelets are used to', () => {
  expect(podName(pod)).toBe('k8s_POD_web_shop_12-34_2');
});

it('names a container after itself and its pod', () => {
  expect(containerName({ name: 'main', attempt: 1 }, pod)).toBe('k8s_main_web_shop_12-34_1');
});

it('replaces what a name cannot hold', () => {
  expect(podName({ ...pod, name: '../a b\0ü' })).toBe('k8s_POD_..-a-b--_shop_12-34_2');
});

it.each([
  ['no metadata', undefined],
  ['no name', { ...pod, name: '' }],
  ['no namespace', { ...pod, namespace: '' }],
  ['no uid', { ...pod, uid: '' }],
])('refuses a pod with %s', (_what, metadata) => {
  expect(() => podName(metadata)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
});

it.each([undefined, { name: '', attempt: 0 }])('refuses a container without a name', (metadata) => {
  expect(() => containerName(metadata, pod)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
});
