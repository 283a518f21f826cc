// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { decode, encode } from './codec.ts';

const hex = (name: string, value: object): string => encode(name, value).toString('hex');
const message = (name: string, bytes: string): object => decode(name, Buffer.from(bytes, 'hex'));

describe('encode', () => {
  const cases: [string, string, object, string][] = [
    ['a string', 'VersionRequest', { version: 'v1' }, '0a027631'],
    ['nothing for a zero value that is left out', 'VersionRequest', {}, ''],
    ['a negative int64 in ten bytes', 'StopContainerRequest', { timeout: -1n }, '10ffffffffffffffffff01'],
    ['a uint64 above 2^63', 'UInt64Value', { value: 2n ** 64n - 1n }, '08ffffffffffffffffff01'],
    ['an int64 beyond 2^53', 'Int64Value', { value: 2n ** 53n + 1n }, '088180808080808010'],
    ['a packed list', 'LinuxContainerUser', { supplementalGroups: [1n, 300n] }, '1a0301ac02'],
    ['a map', 'PodSandboxFilter', { labelSelector: { a: 'b' } }, '1a060a0161120162'],
    ['a nested message', 'RunPodSandboxRequest', { config: { hostname: 'h' } }, '0a03120168'],
    [
      'bytes that are not UTF-8',
      'KeyValue',
      { key: 'k', value: new Uint8Array([0xff, 0]) },
      '0a016b1202ff00',
    ],
    ['a field number of two bytes', 'ImageSpec', { userSpecifiedImage: 'x' }, '92010178'],
  ];
  it.each(cases)('writes %s', (_what, name, value, bytes) => {
    expect(hex(name, value)).toBe(bytes);
  });

  it('names a field whose value is of the wrong kind', () => {
    expect(() => encode('VersionRequest', { version: 1 })).toThrow(
      /VersionRequest: version: string expected/,
    );
  });

  it('refuses a number that does not fit into 64 bits', () => {
    expect(() => encode('Int64Value', { value: 2n ** 64n })).toThrow(/Int64Value\.value: .* does not fit/);
    expect(() => encode('Int64Value', { value: -(2n ** 63n) - 1n })).toThrow(/does not fit/);
    expect(() => encode('Int64Value', { value: 2n ** 63n })).toThrow(/does not fit/);
    expect(() => encode('ListImagesResponse', { images: [{ size: -1n }] })).toThrow(
      /ListImagesResponse\.images\[0\]\.size: -1 does not fit/,
    );
  });
});

describe('decode', () => {
  it('fills in zero values, and leaves absent messages out', () => {
    expect(message('PodSandboxStatus', '')).toEqual({
      id: '',
      state: 0,
      createdAt: 0n,
      labels: {},
      annotations: {},
      runtimeHandler: '',
    });
  });

  it('reads 64-bit numbers as bigint, in lists too', () => {
    expect(message('LinuxContainerUser', '08ffffffffffffffffff011a0301ac02')).toEqual({
      uid: -1n,
      gid: 0n,
      supplementalGroups: [1n, 300n],
    });
  });

  it('passes over fields of a newer interface', () => {
    expect(message('VersionRequest', '0a027631fa0f0178')).toEqual({ version: 'v1' });
  });

  it('takes a label named __proto__ for a label', () => {
    const labels = Object.fromEntries([['__proto__', 'x']]);
    const bytes = encode('PodSandboxFilter', { labelSelector: labels });
    const back = decode('PodSandboxFilter', bytes) as { labelSelector: object };
    expect(Object.getPrototypeOf({}).x).toBeUndefined();
    expect(Object.entries(back.labelSelector)).toEqual(Object.entries(labels));
  });

  const broken: [string, string][] = [
    ['cut in a string', '0a057631'],
    ['cut in a number', '0a'],
    ['with a wrong wire type', '0f'],
    ['with a length beyond the end', '0affffffff0f'],
  ];
  it.each(broken)('refuses bytes %s', (_what, bytes) => {
    expect(() => message('VersionRequest', bytes)).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument }),
    );
  });

  it('refuses messages nested without end', () => {
    // Each level is a field of Mount.image's kind; protobufjs must not run out of stack.
    expect(() => message('VersionRequest', '0b'.repeat(100_000))).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument }),
    );
  });
});
