// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ipv4Text, parseIpv4 } from './ipv4.ts';
import { dropLeases, takeLease } from './leases.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lading-leases-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const address = (text: string) => parseIpv4(text) ?? expect.unreachable();
const settings = () => ({
  dataDir,
  first: address('10.9.0.1'),
  last: address('10.9.0.4'),
  gateway: address('10.9.0.1'),
  bits: 24,
});
const owner = (containerId: string) => ({ network: 'net', containerId, ifName: 'eth0' });
const take = async (id: string) => ipv4Text(await takeLease(settings(), owner(id)));
const place = (name: string): string => join(dataDir, 'net', name);
const taken = (): string[] =>
  readdirSync(join(dataDir, 'net')).filter((name) => parseIpv4(name) !== undefined);

it('gives one address after the other, and again what was given back', async () => {
  expect([await take('a'), await take('b'), await take('c')]).toEqual(['10.9.0.2', '10.9.0.3', '10.9.0.4']);
  await expect(take('d')).rejects.toMatchObject({ code: 'resource_exhausted' });
  await dropLeases(settings(), owner('b'));
  expect(await take('d')).toBe('10.9.0.3');
});

it('never gives an address a file that does not say whose it is', async () => {
  const program = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    fs.writeFileSync = (...args) => { fs.closeSync(fs.openSync(args[0], args[2]?.flag ?? 'w')); process.kill(process.pid, 'SIGKILL'); };
    syncBuiltinESMExports();
    const { takeLease } = await import(${JSON.stringify(join(import.meta.dirname, 'leases.ts'))});
    await takeLease(${JSON.stringify(settings())}, ${JSON.stringify(owner('killed'))});`;
  const args = ['--conditions=@lading/source', '--input-type=module', '-e', program];
  expect(spawnSync(process.execPath, args, { cwd: import.meta.dirname }).signal).toBe('SIGKILL');
  expect(taken()).toEqual([]);
  expect(await take('a')).toBe('10.9.0.2');
  expect(readFileSync(place('10.9.0.2'), 'utf8')).toBe('a\r\neth0');
  expect(readdirSync(join(dataDir, 'net')).toSorted()).toEqual(['10.9.0.2', 'last_reserved_ip.0', 'lock']);
});

it('takes away with whatever is given back next what a killed taker has left', async () => {
  await take('a');
  await take('b');
  writeFileSync(place('.next'), '');
  await dropLeases(settings(), owner('a'));
  expect(readdirSync(join(dataDir, 'net')).toSorted()).toEqual(['10.9.0.3', 'last_reserved_ip.0', 'lock']);
});
