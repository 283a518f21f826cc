// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { defaultLinuxSpec, withDeviceRules, withDevices, withoutDevices, withResources } from './index.ts';

const base = defaultLinuxSpec();

describe('withResources', () => {
  it('merges limits and replaces lists', () => {
    const first = withResources(base, { memory: { limit: 1, swap: 2 }, unified: { a: '1' } });
    const spec = withResources(first, { memory: { limit: 3 }, unified: { b: '2' }, devices: [] });
    expect(spec.linux?.resources).toEqual({
      devices: [],
      memory: { limit: 3, swap: 2 },
      unified: { a: '1', b: '2' },
    });
  });
});

describe('withDevices', () => {
  it('adds the node and the right to use it, after what denied it', () => {
    const fuse = { path: '/dev/fuse', type: 'c', major: 10, minor: 229 } as const;
    const spec = withDevices(base, [{ ...fuse, access: 'rw' }]);
    expect(spec.linux?.devices).toEqual([fuse]);
    expect(spec.linux?.resources?.devices).toEqual([
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
    ]);
  });
});

describe('withoutDevices', () => {
  const zero = { path: '/dev/zero2', type: 'c', major: 1, minor: 5 } as const;
  const same = { path: '/dev/zero3', type: 'u', major: 1, minor: 5 } as const;
  const deny = { allow: false, access: 'rwm' };

  it('takes the node and its right away', () => {
    const spec = withoutDevices(withDevices(base, [zero]), ['/dev/zero2']);
    expect(spec.linux?.devices).toEqual([]);
    expect(spec.linux?.resources?.devices).toEqual([deny]);
  });

  it('leaves the right where another node is the same device', () => {
    const spec = withoutDevices(withDevices(base, [zero, same]), ['/dev/zero2']);
    expect(spec.linux?.devices).toEqual([same]);
    expect(spec.linux?.resources?.devices).toContainEqual({
      allow: true,
      type: 'c',
      major: 1,
      minor: 5,
      access: 'rwm',
    });
  });

  it('leaves rules that deny, and rules for many', () => {
    const many = { allow: true, type: 'c', major: 1, access: 'r' };
    const spec = withoutDevices(withDeviceRules(withDevices(base, [zero]), [many]), ['/dev/zero2']);
    expect(spec.linux?.resources?.devices).toEqual([deny, many]);
  });

  it('takes the last of two grants of a path', () => {
    const spec = withDevices(base, [zero, { ...zero, minor: 7, access: 'w' }]);
    expect(spec.linux?.devices).toEqual([{ ...zero, minor: 7 }]);
    expect(spec.linux?.resources?.devices).toHaveLength(2);
  });

  it('makes a node that is added twice count once', () => {
    const spec = withDevices(withDevices(base, [zero]), [{ ...zero, access: 'r' }]);
    expect(spec.linux?.devices).toEqual([zero]);
    expect(spec.linux?.resources?.devices).toEqual([
      deny,
      { allow: true, type: 'c', major: 1, minor: 5, access: 'r' },
    ]);
  });
});
