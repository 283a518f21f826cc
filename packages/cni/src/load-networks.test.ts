// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LadingError } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCni } from './cni.ts';
import { loadNetworks } from './load-networks.ts';
import { parseNetworkConfig } from './parse-config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-cni-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(file: string, name: string): Promise<void> {
  const list = { cniVersion: '1.0.0', name, plugins: [{ type: 'bridge' }] };
  await writeFile(join(folder, file), JSON.stringify(list));
}

describe('a folder of configurations', () => {
  it('gives its networks in the order of file names and tells of those it passes over', async () => {
    await write('20-b.conflist', 'b');
    await write('10-c.conflist', 'c');
    await write('30-b.conflist', 'b');
    await write('00-old.conflist~', 'old');
    await write('.00.conflist.swp', 'swp');
    await writeFile(join(folder, '05-broken.conf'), '{');
    await writeFile(join(folder, '06-large.conf'), '');
    await truncate(join(folder, '06-large.conf'), 2 ** 21);
    const errors: LadingError[] = [];
    const networks = await loadNetworks(folder, { onInvalid: (error) => errors.push(error) });
    expect(networks.map(({ name }) => name)).toEqual(['c', 'b']);
    expect(errors.map(({ code }) => code)).toEqual([
      'invalid_argument',
      'resource_exhausted',
      'already_exists',
    ]);
  });

  it('has further plugins of a network in a folder of its name, unless the network wants its own alone', async () => {
    const list = { cniVersion: '1.1.0', plugins: [{ type: 'bridge' }] };
    const put = (file: string, json: object): Promise<void> =>
      writeFile(join(folder, file), JSON.stringify(json));
    await put('10-a.conflist', { ...list, name: 'a' });
    await put('20-b.conflist', { ...list, name: 'b', loadOnlyInlinedPlugins: true });
    await put('30-c.conflist', { cniVersion: '1.1.0', name: 'c' });
    await put('40-d.conflist', { ...list, name: 'd' });
    for (const name of ['a', 'b', 'c', 'd']) await mkdir(join(folder, name));
    for (const name of ['a', 'b', 'c']) {
      await put(`${name}/20-tuning.conf`, { type: 'tuning', mtu: 1400 });
      await put(`${name}/10-portmap.conf`, { type: 'portmap', capabilities: { portMappings: true } });
    }
    await put('a/30-other.conflist', { type: 'other' });
    await writeFile(join(folder, 'd/10-broken.conf'), '[');
    const errors: LadingError[] = [];
    const networks = await loadNetworks(folder, { onInvalid: (error) => errors.push(error) });
    const types = networks.map(({ name, list: { plugins } }) => [name, ...plugins.map(({ type }) => type)]);
    expect(types).toEqual([
      ['a', 'bridge', 'portmap', 'tuning'],
      ['b', 'bridge'],
      ['c', 'portmap', 'tuning'],
    ]);
    expect(errors.map(({ message }) => message)).toEqual([`${folder}/d/10-broken.conf: is not JSON`]);
    // What a pod is torn down by needs no folder.
    const [{ bytes, list: kept } = { bytes: Buffer.alloc(0), list: undefined }] = networks;
    expect(parseNetworkConfig(Buffer.from(bytes).toString(), 'kept.conflist')).toEqual(kept);
  });

  it('may be missing', async () => {
    expect(await loadNetworks(join(folder, 'none'))).toEqual([]);
    await expect(createCni({ configDir: folder }).defaultNetwork()).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'CNI_NO_NETWORK',
    });
  });

  it('has the default network first when one is named', async () => {
    await write('10-a.conflist', 'a');
    await write('20-b.conflist', 'b');
    const cni = createCni({ configDir: folder, defaultNetwork: 'b' });
    expect((await cni.networks()).map(({ name }) => name)).toEqual(['b', 'a']);
    expect((await cni.defaultNetwork()).name).toBe('b');
    await expect(
      createCni({ configDir: folder, defaultNetwork: 'c' }).defaultNetwork(),
    ).rejects.toMatchObject({
      code: 'not_found',
      reason: 'CNI_NETWORK_UNKNOWN',
    });
  });
});
