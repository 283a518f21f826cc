// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { defaultLinuxSpec, type Spec, withMounts, withoutMounts } from './index.ts';

const bare: Spec = { ociVersion: '1.3.0' };
const base = defaultLinuxSpec();

describe('withMounts', () => {
  it('replaces a mount of the same destination, however it is written', () => {
    const spec = withMounts(base, [{ destination: '//dev/./shm/', type: 'bind', source: '/s' }]);
    expect(spec.mounts?.filter(({ destination }) => destination.includes('shm'))).toEqual([
      { destination: '//dev/./shm/', type: 'bind', source: '/s' },
    ]);
  });

  it('makes a mount above before the mounts below it', () => {
    const spec = withMounts(
      bare,
      ['/a/b/c', '/a', '/a/b', '/'].map((destination) => ({ destination })),
    );
    expect(spec.mounts?.map(({ destination }) => destination)).toEqual(['/', '/a', '/a/b', '/a/b/c']);
  });
});

describe('withoutMounts', () => {
  it('takes away a mount however its destination is written, and not those below', () => {
    const spec = withMounts(
      bare,
      ['/a', '/a/b', '/c'].map((destination) => ({ destination })),
    );
    expect(withoutMounts(spec, ['//a/x/../', '/nowhere']).mounts?.map((m) => m.destination)).toEqual([
      '/c',
      '/a/b',
    ]);
  });
});
