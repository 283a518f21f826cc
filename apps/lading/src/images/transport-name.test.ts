// SPDX-License-Identifier: Apache-2.0
import { transports } from '@lading/image-copy';
import { expect, it } from 'vitest';
import { transportIn, transportNames } from './transport-name.ts';

it('knows the transports of image-copy', () => {
  expect(transportNames).toEqual(transports);
});

it.each([
  ['oci:folder:name', 'oci'],
  ['dir:/x', 'dir'],
  ['docker://quay.io/x', 'docker'],
  ['docker:latest', undefined],
  ['quay.io/oci:1', undefined],
  ['oci', undefined],
  [':x', undefined],
])('finds of %s the transport %s', (name, transport) => {
  expect(transportIn(name)).toBe(transport);
});
