// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadRegistries, parsePolicy } from '@lading/config';
import { digestBytes, encodeJson, MediaType } from '@lading/image-spec';
import { writeLayer } from '@lading/layer';
import { type RegistryServer, startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../src/index.ts';
import { type House, openHouse, removeAllContainers } from './support.ts';

let house: House;
let engine: Engine;
let registry: RegistryServer;
beforeAll(async () => {
  house = await openHouse();
  registry = await startRegistry();
  engine = await house.engine({ registry: { tlsVerify: false } });
});
afterAll(async () => {
  await registry?.close();
  await house?.close();
});
afterEach(async () => {
  await removeAllContainers(engine);
  for (const { id, names } of await engine.images.list()) {
    if (!names.includes('localhost/busybox:latest')) await engine.images.remove(id, { force: true });
  }
  expect(house.leftovers()).toEqual([]);
});

/** Pushes a busybox image that says something of its own; gives its reference. */
async function push(tag: string, word: string): Promise<string> {
  const reference = `${registry.host}/demo/hello:${tag}`;
  const packed = await writeLayer(join(house.root, 'image/rootfs'), join(house.root, `${word}-${tag}.tgz`));
  await using client = createRegistryClient({ tlsVerify: false });
  const repository = client.repository(reference);
  await repository.blobs.push(packed.descriptor, () => createReadStream(packed.path));
  const config = encodeJson({
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin', `WORD=${word}`], Cmd: ['sh', '-c', 'echo $WORD'], StopSignal: 'SIGINT' },
    rootfs: { type: 'layers', diff_ids: [packed.diffId] },
  });
  const descriptor = {
    mediaType: MediaType.ImageConfig,
    digest: await digestBytes(config),
    size: config.length,
  };
  await repository.blobs.push(descriptor, async function* () {
    yield config;
  });
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config: descriptor,
    layers: [packed.descriptor],
  });
  await repository.manifests.push(manifest, { mediaType: MediaType.ImageManifest, tag });
  return reference;
}

async function said(image: string): Promise<string> {
  let out = '';
  await engine.containers.run(
    { image, network: 'none', autoRemove: true },
    {
      attach: {
        stdout: (chunk) => {
          out += Buffer.from(chunk).toString();
        },
      },
    },
  );
  return out.trim();
}

describe('pull', () => {
  it('brings an image that runs, and says what it is', async () => {
    const reference = await push('one', 'first');
    const image = await engine.images.pull(reference);
    expect(image.names).toEqual([reference]);
    expect(image.sizeBytes).toBeGreaterThan(500_000);
    const details = await engine.images.inspect(image.id.slice(0, 12));
    expect(details.config.config?.StopSignal).toBe('SIGINT');
    expect(`sha256:${createHash('sha256').update(details.manifest).digest('hex')}`).toBe(image.digest);
    expect(image.repoDigests).toEqual([`${registry.host}/demo/hello@${image.digest}`]);
    expect(await said('demo/hello:one')).toBe('first');
  });

  it('takes nothing that the trust policy does not let through, and reads no layer of it', async () => {
    const reference = await push('untrusted', 'hostile');
    const docker = { [registry.host]: [{ type: 'reject' }] };
    const text = JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }], transports: { docker } });
    const strict = await house.engine({ registry: { tlsVerify: false, policy: parsePolicy(text) } });
    const events: string[] = [];
    const pulled = strict.images.pull(reference, { onProgress: ({ kind }) => events.push(kind) });
    await expect(pulled).rejects.toMatchObject({ code: 'permission_denied', reason: 'POLICY_REJECTED' });
    expect(events).not.toContain('layer');
    expect(await strict.images.find(reference)).toBeUndefined();
    const without = async () => parsePolicy('{"default":[{"type":"insecureAcceptAnything"}]}');
    const lenient = await house.engine({ registry: { tlsVerify: false, policy: without } });
    expect((await lenient.images.pull(reference)).names).toEqual([reference]);
  });

  it('happens at create when the image is missing', async () => {
    const reference = await push('missing', 'here');
    expect(await said(reference)).toBe('here');
    expect(await engine.images.find(reference)).toBeDefined();
  });

  it('asks the registry as the policy says', async () => {
    const reference = await push('moving', 'old');
    const old = await engine.images.pull(reference);
    await push('moving', 'new');
    expect((await engine.images.pull(reference, { policy: 'missing' })).id).toBe(old.id);
    expect((await engine.images.pull(reference, { policy: 'never' })).id).toBe(old.id);
    const renewed = await engine.images.pull(reference, { policy: 'newer' });
    expect(renewed.id).not.toBe(old.id);
    expect((await engine.images.pull(reference, { policy: 'newer' })).id).toBe(renewed.id);
    // Its name went to the new one.
    expect((await engine.images.inspect(old.id)).names).toEqual([]);
  });

  it.each([
    ['permissive', '["$NONE", "$HERE"]', '', true],
    ['disabled', '["$NONE", "$HERE"]', '', true],
    ['enforcing', '["$NONE", "$HERE"]', '', false],
    ['enforcing', '["$HERE"]', '', true],
    ['enforcing', '["$NONE", "$HERE"]', '"demo/hello" = "$HERE/demo/hello"', true],
  ])('takes a short name as short-name-mode %s says, of %s, with the aliases {%s}', async (...row) => {
    const [mode, search, aliases, isPulled] = row;
    const tag = `${mode}-${search.length}-${aliases.length}`;
    const reference = await push(tag, 'short');
    const path = join(house.root, 'registries.conf');
    const conf = `short-name-mode = "${mode}"\nunqualified-search-registries = ${search}\n[aliases]\n${aliases}\n`;
    await writeFile(path, conf.replaceAll('$NONE', '127.0.0.1:1').replaceAll('$HERE', registry.host));
    const registries = () => loadRegistries({ path, dropInDirectories: [], env: {} });
    const other = await house.engine({ registry: { tlsVerify: false, registries } });
    const retry = { attempts: 1 };
    if (isPulled) {
      expect((await other.images.pull(`demo/hello:${tag}`, { retry })).names).toEqual([reference]);
      return;
    }
    await expect(other.images.pull(`demo/hello:${tag}`, { retry })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'SHORT_NAME_AMBIGUOUS',
      message: expect.stringContaining(`127.0.0.1:1/demo/hello:${tag}, ${reference}, and short-name-mode`),
    });
    expect(await other.images.find(reference)).toBeUndefined();
    // A name in full is none to guess, and neither is one that is here.
    await other.images.pull(reference, { retry });
    expect((await other.images.pull(`demo/hello:${tag}`, { policy: 'missing' })).names).toEqual([reference]);
  });

  it('says what is not there', async () => {
    const missing = engine.images.pull(`${registry.host}/demo/hello:nothing`);
    await expect(missing).rejects.toMatchObject({ code: 'not_found' });
    const never = engine.images.pull(`${registry.host}/demo/hello:nothing`, { policy: 'never' });
    await expect(never).rejects.toMatchObject({ code: 'not_found', reason: 'IMAGE_UNKNOWN' });
  });

  it('is one for all that ask for the same at once', async () => {
    const reference = await push('once', 'x');
    const states: string[] = [];
    const pulls = [1, 2, 3].map(() =>
      engine.images.pull(reference, { onProgress: ({ id, state }) => states.push(`${id} ${state}`) }),
    );
    const [first, ...others] = await Promise.all(pulls);
    for (const other of others) expect(other).toBe(first);
    // Each of the three heard each event of the one.
    expect(states.every((state) => states.filter((other) => other === state).length % 3 === 0)).toBe(true);
    expect(states.length).toBeGreaterThan(0);
  });

  it('can be broken off, and leaves nothing', async () => {
    const reference = await push('abort', 'x');
    const before = (await engine.images.list()).length;
    const control = new AbortController();
    const pull = engine.images.pull(reference, { signal: control.signal, onProgress: () => control.abort() });
    await expect(pull).rejects.toMatchObject({ code: 'canceled' });
    expect(await engine.images.list()).toHaveLength(before);
  });
});

describe('names of images', () => {
  it('are given and taken; the last one takes the image along', async () => {
    const reference = await push('names', 'x');
    const { id } = await engine.images.pull(reference);
    await engine.images.tag(id, 'other:1');
    expect((await engine.images.inspect('other:1')).id).toBe(id);
    expect(await engine.images.remove(reference)).toEqual({
      id,
      untagged: [reference],
      deleted: false,
      parents: [],
    });
    await expect(engine.images.untag('other:1', ['nope'])).rejects.toMatchObject({ code: 'not_found' });
    expect(await engine.images.remove('other:1')).toEqual({
      id,
      untagged: ['localhost/other:1'],
      deleted: true,
      parents: [],
    });
    expect(await engine.images.find(id)).toBeUndefined();
  });

  it('keep an image with several from being removed by its id', async () => {
    const { id } = await engine.images.pull(await push('several', 'x'));
    await engine.images.tag(id, 'second');
    await expect(engine.images.remove(id)).rejects.toMatchObject({ reason: 'IMAGE_HAS_NAMES' });
    expect((await engine.images.remove(id, { force: true })).untagged).toHaveLength(2);
  });

  it('are all taken at once when asked for, but not from a container', async () => {
    const { id } = await engine.images.pull(await push('all', 'x'));
    await engine.images.tag(id, 'all:2');
    const container = await engine.containers.create({ image: id, network: 'none' });
    const refused = engine.images.remove(id, { allNames: true });
    await expect(refused).rejects.toMatchObject({ reason: 'IMAGE_IN_USE' });
    expect((await engine.images.inspect(id)).names).toHaveLength(2);
    await engine.containers.remove(container.id);
    expect(await engine.images.remove('all:2', { allNames: true })).toMatchObject({ id, deleted: true });
    expect(await engine.images.find(id)).toBeUndefined();
  });

  it('with a digest can be taken too', async () => {
    const { digest } = await engine.images.pull(await push('bydigest', 'x'));
    const name = `${registry.host}/demo/hello@${digest}`;
    const { id, names } = await engine.images.pull(name);
    expect(names).toContain(name);
    await engine.images.untag(id, [name]);
    expect((await engine.images.inspect(id)).names).not.toContain(name);
  });
});

describe('an image in use', () => {
  it('stays, unless its containers may go too', async () => {
    const reference = await push('used', 'x');
    const { id } = await engine.containers.create({ image: reference, name: 'user', network: 'none' });
    await expect(engine.images.remove(reference)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'IMAGE_IN_USE',
      details: { containers: [id] },
    });
    expect((await engine.containers.inspect(id)).stopSignal).toBe('SIGINT');
    await engine.images.remove(reference, { force: true });
    expect(await engine.containers.exists(id)).toBe(false);
  });
});
