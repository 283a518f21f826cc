// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  defaultLinuxSpec,
  type Spec,
  withAnnotations,
  withMaskedPaths,
  withNamespace,
  withoutNamespace,
  withReadonlyPaths,
  withSeccomp,
  withSysctls,
  withUnmaskedPaths,
  withUserNamespace,
} from './index.ts';

const bare: Spec = { ociVersion: '1.3.0' };
const base = defaultLinuxSpec();

describe('namespaces', () => {
  it('are one of each type', () => {
    const spec = withNamespace(base, { type: 'network', path: '/run/netns/a' });
    expect(spec.linux?.namespaces?.filter(({ type }) => type === 'network')).toEqual([
      { type: 'network', path: '/run/netns/a' },
    ]);
    const without = withoutNamespace(spec, 'network');
    expect(without.linux?.namespaces?.map(({ type }) => type)).toEqual(['pid', 'ipc', 'uts', 'mount']);
  });
});

describe('maps of words', () => {
  it('get entries and lose those of undefined', () => {
    const spec = withSysctls(withAnnotations(bare, { a: '1', b: '2' }), { 'x.y': '1' });
    expect(withAnnotations(spec, { a: undefined, c: '3' }).annotations).toEqual({ b: '2', c: '3' });
    expect(withSysctls(spec, { 'x.y': undefined }).linux?.sysctl).toEqual({});
  });

  it('hold a key named __proto__ like every other', () => {
    const key = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    expect(Object.entries(withAnnotations(bare, key).annotations ?? {})).toEqual([['__proto__', 'x']]);
  });
});

describe('hidden paths', () => {
  const spec = withReadonlyPaths(withMaskedPaths(bare, ['/a', '/b']), ['/b', '/c']);

  it('are each there once', () => {
    expect(withMaskedPaths(spec, ['/a', '/d']).linux?.maskedPaths).toEqual(['/a', '/b', '/d']);
  });

  it.each([
    [['/b'], ['/a'], ['/c']],
    [['ALL'], [], []],
  ])('%j are no longer masked nor read-only', (paths, maskedPaths, readonlyPaths) => {
    expect(withUnmaskedPaths(spec, paths).linux).toEqual({ maskedPaths, readonlyPaths });
  });

  it('unmasks by stars, which do not go beyond a slash; other signs stand for themselves', () => {
    const maskedPaths = ['/proc/a', '/proc/a/b', '/proc/axb', '/sys/a'];
    const spec = withMaskedPaths(bare, maskedPaths);
    expect(withUnmaskedPaths(spec, ['/proc/*']).linux?.maskedPaths).toEqual(['/proc/a/b', '/sys/a']);
    expect(withUnmaskedPaths(spec, ['/proc/a.b', '/(.+']).linux?.maskedPaths).toEqual(maskedPaths);
  });
});

describe('withUserNamespace', () => {
  it('sets the ids with the namespace', () => {
    const mappings = {
      uidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
      gidMappings: [{ containerID: 0, hostID: 200_000, size: 65_536 }],
    };
    expect(withUserNamespace(bare, mappings).linux).toEqual({ namespaces: [{ type: 'user' }], ...mappings });
  });
});

describe('withSeccomp', () => {
  it('sets a filter, and takes it away with nothing else', () => {
    const confined = withSeccomp(base, { defaultAction: 'SCMP_ACT_ALLOW' });
    expect(confined.linux?.seccomp).toEqual({ defaultAction: 'SCMP_ACT_ALLOW' });
    expect(withSeccomp(confined, undefined)).toEqual(base);
  });
});
