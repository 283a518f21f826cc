// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry } from '@lading/registry';
import { createRegistryClient, pullImage, pushImage } from '@lading/registry-client';
import { openLayout } from '@lading/registry-client/layout';
import { describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { collect, pushImage as pushTestImage, randomImage, sourceOf } from './image.ts';
import { eagerRetry } from './scripted-server.ts';

const image = await randomImage(6_000_000);
const { layer, layerBytes } = image;

describe.each([
  { name: 'lading-registry', start: () => startRegistry() },
  { name: "Debian's docker-registry", start: () => startDockerRegistry() },
])('over a line to $name that breaks', ({ start }) => {
  it('a download goes on', async () => {
    await using registry = await start();
    await using proxy = await startCuttingProxy(registry.host, {
      direction: 'down',
      bytes: 1_500_000,
      times: 3,
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry(6).retry });
    await client.repository(`${registry.host}/demo`).blobs.push(layer, sourceOf(layerBytes));
    const bytes = await collect(client.repository(`${proxy.host}/demo`).blobs.open(layer));
    expect(bytes.equals(layerBytes)).toBe(true);
    expect(proxy.cuts).toBe(3);
  });

  it.each([
    { name: 'in chunks', chunkSizeBytes: 1_000_000 },
    { name: 'in one piece', chunkSizeBytes: undefined },
  ])('an upload $name goes on, or is sent anew', async ({ chunkSizeBytes }) => {
    await using registry = await start();
    await using proxy = await startCuttingProxy(registry.host, {
      direction: 'up',
      bytes: 2_500_000,
      times: 2,
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry(6).retry });
    const pushed = await client
      .repository(`${proxy.host}/demo`)
      .blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes });
    expect(pushed).toEqual({ state: 'uploaded' });
    expect(proxy.cuts).toBeGreaterThan(0);
    const direct = client.repository(`${registry.host}/demo`);
    expect((await collect(direct.blobs.open(layer))).equals(layerBytes)).toBe(true);
  });

  it('an image comes and goes', async () => {
    await using registry = await start();
    await using down = await startCuttingProxy(registry.host, {
      direction: 'down',
      bytes: 1_500_000,
      times: 2,
    });
    await using up = await startCuttingProxy(registry.host, { direction: 'up', bytes: 1_500_000, times: 2 });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry(6).retry });
    const pushed = await pushTestImage(client.repository(`${registry.host}/from`), image, 'v1');
    const folder = await mkdtemp(join(tmpdir(), 'lading-layout-'));
    try {
      const layout = await openLayout(folder);
      await pullImage(client.repository(`${down.host}/from`), 'v1', layout);
      await pushImage(client.repository(`${up.host}/to`), 'v1', layout, { chunkSizeBytes: 1_000_000 });
      expect(await client.repository(`${registry.host}/to`).resolve('v1')).toEqual(pushed);
      expect([down.cuts > 0, up.cuts > 0]).toEqual([true, true]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
