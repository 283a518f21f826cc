// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { isNewer, parseNetworkConfig } from './parse-config.ts';

const list = (extra: object): string =>
  JSON.stringify({ cniVersion: '1.0.0', name: 'net', plugins: [{ type: 'bridge' }], ...extra });

describe('a network configuration', () => {
  it('is read from a list', () => {
    const text = list({
      disableCheck: 'true',
      plugins: [{ type: 'bridge', capabilities: { mac: true, ips: false } }],
    });
    expect(parseNetworkConfig(text, 'a.conflist')).toEqual({
      cniVersion: '1.0.0',
      name: 'net',
      disableCheck: true,
      plugins: [{ type: 'bridge', capabilities: { mac: true } }],
    });
  });

  it('is made of a single plugin', () => {
    const text = JSON.stringify({
      cniVersion: '0.4.0',
      name: 'net',
      type: 'ptp',
      ipam: { type: 'host-local' },
    });
    expect(parseNetworkConfig(text, 'a.conf')).toMatchObject({
      cniVersion: '0.4.0',
      name: 'net',
      plugins: [{ type: 'ptp', ipam: { type: 'host-local' } }],
    });
  });

  it.each([
    [{ cniVersion: '0.4.0', cniVersions: ['1.1.0', '1.0.0', '2.0.0', 7] }, '1.1.0'],
    [{ cniVersion: '9.0.0', cniVersions: ['0.3.1'] }, '0.3.1'],
    [{ cniVersion: undefined }, '0.1.0'],
  ])('%j speaks %s', (extra, version) => {
    expect(parseNetworkConfig(list(extra), 'a.conflist').cniVersion).toBe(version);
  });

  const hostile: [string, string][] = [
    ['not JSON', '{'],
    ['a list at the top', '[]'],
    ['null', 'null'],
    ['no plugins', list({ plugins: [] })],
    ['plugins that are no list', list({ plugins: { 0: { type: 'bridge' } } })],
    ['too many plugins', list({ plugins: Array.from({ length: 33 }, () => ({ type: 'bridge' })) })],
    ['a plugin without type', list({ plugins: [{}] })],
    ['a plugin outside of the folders', list({ plugins: [{ type: '../../bin/sh' }] })],
    ['an absolute plugin', list({ plugins: [{ type: '/bin/sh' }] })],
    ['a plugin named by dots', list({ plugins: [{ type: '..' }] })],
    ['a type with a line break', list({ plugins: [{ type: 'bridge\n' }] })],
    [
      'an IPAM plugin outside of the folders',
      list({ plugins: [{ type: 'bridge', ipam: { type: '../x' } }] }),
    ],
    ['capabilities that are no object', list({ plugins: [{ type: 'bridge', capabilities: ['mac'] }] })],
    ['a name that leaves the cache folder', list({ name: '../../etc/passwd' })],
    ['an empty name', list({ name: '' })],
    ['a name that is no text', list({ name: 7 })],
    ['a name without end', list({ name: 'a'.repeat(200) })],
    ['a version that nobody knows', list({ cniVersion: '2.0.0' })],
    ['a version that is none', list({ cniVersion: '1.0' })],
  ];
  it.each(hostile)('with %s is refused', (_name, text) => {
    expect(() => parseNetworkConfig(text, 'a.conflist')).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument, message: expect.stringContaining('a.conflist') }),
    );
  });

  it('keeps a member named __proto__ from becoming a prototype', () => {
    const text = list({}).replace('"type"', '"__proto__": {"capabilities": {"portMappings": true}}, "type"');
    expect(parseNetworkConfig(text, 'a.conflist').plugins[0]?.capabilities).toBeUndefined();
  });
});

describe('versions', () => {
  it.each([
    ['1.0.0', '0.4.0', true],
    ['0.4.0', '0.4.0', false],
    ['0.4.0', '0.10.0', false],
  ])('%s is newer than %s: %s', (a, b, newer) => {
    expect(isNewer(a, b)).toBe(newer);
  });
});
