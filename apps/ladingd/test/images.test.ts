// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let image: string;
beforeAll(async () => {
  world = await createWorld();
  const policy = join(world.root, 'policy.json');
  await writeFile(join(world.root, 'ladingd.conf'), `[crio.image]\nsignature_policy = "${policy}"\n`);
  await trust('insecureAcceptAnything');
  daemon = await world.serve();
  image = `${world.image}:latest`;
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(async () => {
  await world.clear();
  for (const { id } of (await daemon.images.listImages({})).images) {
    await daemon.images.removeImage({ image: { image: id } });
  }
  expect(world.leftovers()).toEqual([]);
});

const run = promisify(execFile);

/** By the trust policy that the daemon has. */
const trust = (type: 'insecureAcceptAnything' | 'reject'): Promise<void> =>
  writeFile(join(world.root, 'policy.json'), JSON.stringify({ default: [{ type }] }));

describe('the image service', () => {
  it('pulls what the trust policy lets through, and says to the kubelet when it does not', async () => {
    await trust('reject');
    const pulled = daemon.images.pullImage({ image: { image } });
    await expect(pulled).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringMatching(/^SignatureValidationFailed: /),
    });
    expect((await daemon.images.imageStatus({ image: { image } })).image).toBeUndefined();
    await trust('insecureAcceptAnything');
    await daemon.images.pullImage({ image: { image } });
  });

  it('decrypts layers with the keys of the folder that the configuration names, from the next reload on', async () => {
    const { images } = daemon;
    const keys = join(world.root, 'keys');
    await mkdir(keys);
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const [lock, key] = [join(world.root, 'lock.pem'), join(keys, 'b.pem')];
    await writeFile(lock, publicKey.export({ format: 'pem', type: 'spki' }));
    await writeFile(key, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await writeFile(join(keys, 'a.pem'), 'no key');
    const secret = `${world.image}:secret`;
    const flags = ['--insecure-policy', 'copy', '--src-tls-verify=false', '--dest-tls-verify=false'];
    const ends = [`docker://${image}`, `docker://${secret}`];
    await run('skopeo', [...flags, '--encryption-key', `jwe:${lock}`, ...ends]);

    await expect(images.pullImage({ image: { image: secret } })).rejects.toThrow('is encrypted');
    const file = join(world.root, 'ladingd.conf');
    await writeFile(
      file,
      `${await readFile(file, 'utf8')}[crio.runtime]\ndecryption_keys_path = "${keys}"\n`,
    );
    daemon.reload();
    await until(() => daemon.stderr().includes('configuration reloaded'));
    const { imageRef } = await images.pullImage({ image: { image: secret } });
    expect(daemon.stderr()).toContain(`the decryption key ${keys}/a.pem is not used`);
    expect((await images.imageStatus({ image: { image: imageRef } })).image?.repoTags).toEqual([secret]);
    const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod('secret') });
    const config = { metadata: { name: 'main' }, image: { image: imageRef } };
    const { containerId } = await daemon.runtime.createContainer({ podSandboxId, config });
    await daemon.runtime.startContainer({ containerId });
  });

  it('pulls, shows and removes an image', async () => {
    const { images } = daemon;
    expect((await images.imageStatus({ image: { image } })).image).toBeUndefined();
    const { imageRef } = await images.pullImage({ image: { image: world.image } });
    expect(imageRef).toMatch(/^[0-9a-f]{64}$/);
    const status = await images.imageStatus({ image: { image }, verbose: true });
    expect(status.image).toMatchObject({ id: imageRef, repoTags: [image], username: '' });
    expect(status.image?.size).toBeGreaterThan(100_000n);
    expect(status.image?.repoDigests).toEqual([
      expect.stringMatching(new RegExp(`^${world.image}@sha256:[0-9a-f]{64}$`)),
    ]);
    expect(JSON.parse(status.info.info ?? '')).toMatchObject({ imageSpec: { os: 'linux' } });
    const byDigest = status.image?.repoDigests[0] ?? '';
    for (const name of [imageRef, `sha256:${imageRef}`, imageRef.slice(0, 12), byDigest]) {
      expect((await images.imageStatus({ image: { image: name } })).image?.id).toBe(imageRef);
    }
    expect((await images.listImages({})).images).toHaveLength(1);
    expect((await images.listImages({ filter: { image: { image } } })).images).toHaveLength(1);
    expect((await images.listImages({ filter: { image: { image: 'other' } } })).images).toEqual([]);
    const streamed: string[] = [];
    for await (const part of images.streamImages({})) streamed.push(...part.images.map(({ id }) => id));
    expect(streamed).toEqual([imageRef]);
    await images.removeImage({ image: { image } });
    await images.removeImage({ image: { image } });
    expect((await images.listImages({})).images).toEqual([]);
  });

  it('removes an image with all its names', async () => {
    const { images } = daemon;
    await images.pullImage({ image: { image } });
    const { imageRef } = await images.pullImage({ image: { image: `${world.image}:again` } });
    const { image: both } = await images.imageStatus({ image: { image: imageRef } });
    expect([...(both?.repoTags ?? [])].sort()).toEqual([`${world.image}:again`, image]);
    await images.removeImage({ image: { image: imageRef } });
    expect((await images.listImages({})).images).toEqual([]);
  });

  it('pulls by digest, and removes that too', async () => {
    const { images } = daemon;
    await images.pullImage({ image: { image } });
    const byDigest = (await images.imageStatus({ image: { image } })).image?.repoDigests[0] ?? '';
    await images.removeImage({ image: { image } });
    const { imageRef } = await images.pullImage({ image: { image: byDigest } });
    expect((await images.imageStatus({ image: { image: byDigest } })).image?.id).toBe(imageRef);
    await images.pullImage({ image: { image } });
    await images.removeImage({ image: { image: imageRef } });
    expect((await images.listImages({})).images).toEqual([]);
  });

  it('keeps an image that a container is made from, with its names', async () => {
    const { images, runtime } = daemon;
    await images.pullImage({ image: { image } });
    const { imageRef } = await images.pullImage({ image: { image: `${world.image}:again` } });
    const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('user') });
    const config = { metadata: { name: 'main' }, image: { image } };
    await runtime.createContainer({ podSandboxId, config });
    await expect(images.removeImage({ image: { image: imageRef } })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'IMAGE_IN_USE',
      message: expect.stringContaining('k8s_main_user_test_user-uid_0'),
    });
    expect((await images.imageStatus({ image: { image: imageRef } })).image?.repoTags).toHaveLength(2);
  });

  it.each([
    ['no image', '', 'invalid_argument', 'image.image is empty'],
    ['a name that is none', 'NO Name', 'invalid_argument', 'NO Name'],
    ['a tag that is not there', ':nope', 'not_found', 'nope'],
  ])('refuses to pull %s', async (_what, name, code, message) => {
    const call = daemon.images.pullImage({
      image: { image: name.startsWith(':') ? `${world.image}${name}` : name },
    });
    await expect(call).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect((await daemon.images.listImages({})).images).toEqual([]);
  });

  it('takes credentials, and says nothing of them when they are malformed', async () => {
    const call = daemon.images.pullImage({ image: { image }, auth: { auth: 'c2VjcmV0' } });
    await expect(call).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.not.stringMatching(/secret|c2VjcmV0/),
    });
    const auth = { username: 'user', password: 'secret' };
    await daemon.images.pullImage({ image: { image }, auth });
  });
});
