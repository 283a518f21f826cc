// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadPolicy } from '@lading/config';
import { hasCode } from '@lading/errors';
import { startRegistry } from '@lading/registry';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeGpg, type TestGpg } from '../../../tools/test-support/gpg.ts';
import {
  type SignatureRegistry,
  startSignatureRegistry,
} from '../../../tools/test-support/signature-registry.ts';
import { createMemorySource, makeTestImage, makeTestIndex } from '../src/conformance.ts';
import {
  type CopyOptions,
  copyImage,
  createGpgSigner,
  type ImageSigner,
  type ImageSource,
  openDestination,
  openSource,
} from '../src/index.ts';
import { makeFolder } from './programs.ts';

const run = promisify(execFile);
const image = await makeTestImage({ seed: 'kept' });
const open = new AsyncDisposableStack();
let gpg: TestGpg;
let alice: ImageSigner;
let fingerprint: string;
let registry: SignatureRegistry;
/** Where nothing is to be found or left. */
let lookaside: string;
let reference: string;

beforeAll(async () => {
  const folder = await makeFolder((action) => open.defer(async () => void (await action())));
  gpg = await makeGpg(folder);
  open.defer(async () => void (await gpg.stop()));
  fingerprint = await gpg.makeKey('alice');
  alice = createGpgSigner({ key: fingerprint, env: gpg.env });
  const behind = open.use(await startRegistry());
  registry = open.use(await startSignatureRegistry(behind.host));
  reference = `${registry.host}/team/app:1`;
});
afterAll(() => open.disposeAsync());
beforeEach(async () => {
  lookaside = await makeFolder();
  registry.signatures.clear();
});

async function copy(from: ImageSource | string, to: string, options: CopyOptions = {}) {
  const none = {
    lookaside: `file://${lookaside}`,
    lookasideStaging: undefined,
    useSigstoreAttachments: false,
  };
  const context = { tlsVerify: false, signatureStorages: { docker: new Map(), defaultDocker: none } };
  const source = typeof from === 'string' ? await openSource(from, context) : from;
  const destination = await openDestination(to, context);
  try {
    return await copyImage(source, destination, options);
  } finally {
    await source.close();
    await destination.close();
  }
}

/** A policy that asks for a signature of alice for the reference. */
async function policyFile(): Promise<string> {
  const path = join(await makeFolder(), 'policy.json');
  const key = gpg.publicKeyFile('alice');
  await writeFile(path, `{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"${key}"}]}`);
  return path;
}

async function skopeo(...argv: readonly string[]): Promise<unknown> {
  const folder = await makeFolder();
  await mkdir(join(folder, 'd'));
  await writeFile(join(folder, 'd/x.yaml'), `default-docker: { lookaside: "file://${lookaside}" }\n`);
  const env = { ...process.env, ...gpg.env };
  return run('skopeo', ['--registries.d', join(folder, 'd'), ...argv], { env });
}

const out = async (): Promise<string> => `dir:${await makeFolder()}/out`;
const all = (): unknown[] => [...registry.signatures.values()].flat();

describe('signatures that a registry keeps itself', () => {
  it('are written there, are found again and by skopeo, and no lookaside is asked for', async () => {
    await copy(createMemorySource(image), `docker://${reference}`, { signers: [alice] });
    expect([...registry.signatures]).toEqual([
      [
        `team/app@${image.top.digest}`,
        [
          {
            schemaVersion: 2,
            type: 'atomic',
            name: expect.stringMatching(new RegExp(`^${image.top.digest}@[0-9a-f]{32}$`)),
            content: expect.any(String),
          },
        ],
      ],
    ]);
    expect(await readdir(lookaside)).toEqual([]);
    const back = await out();
    await copy(`docker://${reference}`, back, { policy: await loadPolicy({ path: await policyFile() }) });
    const [{ content }] = all() as [{ content: string }];
    const file = join(back.slice('dir:'.length), 'signature-1');
    expect((await readFile(file)).toString('base64')).toBe(content);
    const argv = ['--policy', await policyFile(), 'copy', '--src-tls-verify=false'];
    await skopeo(...argv, `docker://${reference}`, await out());
  });

  it('by skopeo are found', async () => {
    await copy(createMemorySource(image), `docker://${reference}`);
    const flags = ['--src-tls-verify=false', '--dest-tls-verify=false', '--sign-by', fingerprint];
    await skopeo('--insecure-policy', 'copy', ...flags, `docker://${reference}`, `docker://${reference}`);
    expect(all()).toHaveLength(1);
    const policy = await loadPolicy({ path: await policyFile() });
    await copy(`docker://${reference}`, await out(), { policy });
    registry.signatures.clear();
    await expect(copy(`docker://${reference}`, await out(), { policy })).rejects.toMatchObject({
      reason: 'POLICY_REJECTED',
    });
  });

  it('are none of another kind, and none twice', async () => {
    const key = `team/app@${image.top.digest}`;
    await copy(createMemorySource(image), `docker://${reference}`, { signers: [alice] });
    const [own] = all();
    const others = [
      { schemaVersion: 1, type: 'atomic' },
      { schemaVersion: 2, type: 'other', content: 7 },
      'x',
    ];
    registry.signatures.set(key, [...others, own]);
    const back = await out();
    await copy(`docker://${reference}`, back);
    expect((await readdir(back.slice('dir:'.length))).filter((file) => file.startsWith('sig'))).toEqual([
      'signature-1',
    ]);
    await copy(back, `docker://${reference}`);
    expect(all()).toEqual([...others, own]);
  });

  it('are of an index and of each image in it', async () => {
    const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
    const images = platforms.map(async (platform) => ({
      platform,
      image: await makeTestImage({ seed: platform.architecture, platform }),
    }));
    const index = await makeTestIndex(await Promise.all(images));
    await copy(createMemorySource(index), `docker://${registry.host}/team/all:1`, {
      platform: 'all',
      signers: [alice],
    });
    const signed = [...registry.signatures.keys()].sort();
    const digests = [index.top.digest, ...(await Promise.all(images)).map((one) => one.image.top.digest)];
    expect(signed).toEqual(digests.map((digest) => `team/all@${digest}`).sort());
  });

  it('that cannot be read are an error, and no image without any', async () => {
    await copy(createMemorySource(image), `docker://${reference}`);
    for (const listed of [
      [{ schemaVersion: 2, type: 'atomic' }],
      [{ schemaVersion: 2, type: 'atomic', content: '%' }],
    ]) {
      registry.signatures.set(`team/app@${image.top.digest}`, listed);
      const failure = await copy(`docker://${reference}`, await out()).catch((error: unknown) => error);
      expect(hasCode(failure, 'internal')).toBe(true);
      expect(failure).toMatchObject({ message: expect.stringContaining('list of signatures') });
    }
  });
});
