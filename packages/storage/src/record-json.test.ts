// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerFormat, imageFormat, layerFormat } from './record-json.ts';

const id = 'ab'.repeat(32);
const digest = `sha256:${'cd'.repeat(32)}`;
const created = '2024-01-02T03:04:05.123456789+01:00';

/** Every member, in the order of the Go structs. */
const layer = {
  id,
  names: ['web-layer'],
  parent: 'ef'.repeat(32),
  metadata: 'text',
  mountlabel: 'system_u:object_r:x_t:s0',
  created,
  'compressed-diff-digest': digest,
  'compressed-size': 7,
  'diff-digest': digest,
  'toc-digest': digest,
  'diff-size': -1,
  compression: 2,
  uidset: [0, 4294967295],
  gidset: [5],
  flags: { incomplete: false, own: { a: [1] } },
  uidmap: [{ container_id: 0, host_id: 100000, size: 65536 }],
  gidmap: [{ container_id: 0, host_id: 100000, size: 65536 }],
  'big-data-names': ['zstd-chunked-manifest'],
  'of-a-later-version': { kept: true },
};
const data = {
  'big-data-names': ['manifest'],
  'big-data-sizes': { manifest: 3 },
  'big-data-digests': { manifest: digest },
};
const image = {
  id,
  digest,
  names: ['quay.io/a/b:1'],
  'names-history': ['quay.io/a/b:1', 'quay.io/a/b:0'],
  layer: 'ef'.repeat(32),
  'mapped-layers': ['12'.repeat(32)],
  metadata: '{}',
  ...data,
  created,
  flags: { own: 1 },
};
const container = {
  id,
  names: ['web'],
  image: '',
  layer: 'ef'.repeat(32),
  metadata: '{"name":"web"}',
  ...data,
  created,
  uidmap: layer.uidmap,
  gidmap: layer.gidmap,
  flags: { MountLabel: '', Volatile: true },
};
const formats = { layer: layerFormat, image: imageFormat, container: containerFormat };
const recode = (kind: keyof typeof formats, value: object): string => {
  const format = formats[kind];
  // Each format takes what it has given; the three types have no common one.
  if (format === layerFormat) return JSON.stringify(layerFormat.encode(layerFormat.decode(value, 'x')));
  if (format === imageFormat) return JSON.stringify(imageFormat.encode(imageFormat.decode(value, 'x')));
  return JSON.stringify(containerFormat.encode(containerFormat.decode(value, 'x')));
};

describe('a record', () => {
  const full: [keyof typeof formats, object][] = [
    ['layer', layer],
    ['image', image],
    ['container', container],
  ];
  it.each(full)('of a %s with every member is written back as it was read, in order', (kind, value) => {
    expect(recode(kind, value)).toBe(JSON.stringify(value));
  });

  it.each([
    ['layer', { id, created }],
    ['image', { id, created }],
    ['container', { id, image: '', layer: id, created }],
  ] as const)('of a %s with the fewest members stays that small', (kind, value) => {
    expect(recode(kind, value)).toBe(JSON.stringify(value));
  });

  it('takes null and empty for absent, as Go does', () => {
    const empty = { id, names: null, parent: '', uidset: [], flags: null, 'diff-size': 0, created: null };
    expect(recode('layer', empty)).toBe(JSON.stringify({ id, created: '0001-01-01T00:00:00Z' }));
  });

  it('keeps members that it does not know, whatever they are called', () => {
    const names = fc.string().filter((name) => !Object.hasOwn(layer, name) && !/^\d+$/.test(name));
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue({ maxDepth: 2 })), (more) => {
        const value = JSON.parse(JSON.stringify({ id, created, ...more }));
        expect(JSON.parse(recode('layer', value))).toEqual(value);
      }),
    );
  });

  const faults: [string, keyof typeof formats, object, RegExp][] = [
    ['no object', 'layer', ['x'], /x: expected an object, found a list/],
    ['no id', 'layer', { created }, /x\.id: expected an id, found undefined/],
    ['an id that leads out of its folder', 'image', { id: '../etc', created }, /x\.id/],
    ['a parent that leads out', 'layer', { id, parent: '..', created }, /x\.parent/],
    ['a number for a name', 'image', { id, names: [1], created }, /x\.names: expected a list of strings/],
    ['a time without a zone', 'image', { id, created: '2024-01-02T03:04:05' }, /x\.created/],
    ['an empty time', 'layer', { id, created: '' }, /x\.created/],
    ['a digest that is none', 'image', { id, digest: 'sha256:1', created }, /x\.digest: expected a digest/],
    [
      'a manifest digest that is none',
      'image',
      { id, created, 'big-data-digests': { manifest: 'sha256:1' } },
      /x\.big-data-digests\["manifest"\]/,
    ],
    ['a size that is a fraction', 'layer', { id, created, 'diff-size': 1.5 }, /x\.diff-size/],
    ['flags that are a list', 'container', { id, layer: id, created, flags: [] }, /x\.flags/],
    ['mappings of words', 'layer', { id, created, uidmap: [{ size: 'x' }] }, /x\.uidmap\[0\]\.size/],
    ['a container without a layer', 'container', { id, created }, /x\.layer/],
  ];
  it.each(faults)('with %s is an error that says where', (_name, kind, value, message) => {
    expect(() => recode(kind, value)).toThrow(
      expect.objectContaining({
        code: Code.DataLoss,
        reason: 'STORE_DAMAGED',
        message: expect.stringMatching(message),
      }),
    );
  });
});
