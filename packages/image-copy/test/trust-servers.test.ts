// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Policy, parsePolicy, type SignatureStorages } from '@lading/config';
import { LadingError } from '@lading/errors';
import { type Descriptor, descriptorOf, digestHex, encodeJson, MediaType } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { makeGpg, type TestGpg } from '../../../tools/test-support/gpg.ts';
import { createMemorySource, makeTestImage } from '../src/conformance.ts';
import {
  copyImage,
  createGpgSigner,
  openDestination,
  openSource,
  type TransportContext,
} from '../src/index.ts';
import { later, makeFolder } from './programs.ts';

const run = promisify(execFile);
const image = await makeTestImage({ seed: 'trust, served' });
const hex = digestHex(image.top.digest);

function storagesWith(storage: Partial<NonNullable<SignatureStorages['defaultDocker']>>): SignatureStorages {
  const none = { lookaside: undefined, lookasideStaging: undefined, useSigstoreAttachments: undefined };
  return { docker: new Map(), defaultDocker: { ...none, ...storage } };
}

async function push(host: string): Promise<string> {
  const reference = `docker://${host}/team/app:1`;
  const destination = await openDestination(reference, { tlsVerify: false });
  await copyImage(createMemorySource(image), destination);
  await destination.close();
  return reference;
}

async function decide(reference: string, policy: Policy, context: TransportContext): Promise<string> {
  const source = await openSource(reference, { tlsVerify: false, ...context });
  try {
    const out = await openDestination(`dir:${join(await makeFolder(), 'out')}`);
    await copyImage(source, out, { policy, removeSignatures: true });
    return 'accepted';
  } catch (error) {
    return LadingError.from(error).message;
  } finally {
    await source.close();
  }
}

describe('a lookaside server', () => {
  let gpg: TestGpg;
  let alice: string;
  const atEnd: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    gpg = await makeGpg(await makeFolder((action) => atEnd.push(action)));
    atEnd.push(() => gpg.stop());
    alice = await gpg.makeKey('alice');
  });
  afterAll(async () => {
    for (const action of atEnd.reverse()) await action();
  });

  async function serve(answer: RequestListener): Promise<string> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    later(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function signature(name: string): Promise<Uint8Array> {
    const signed = await createGpgSigner({ key: alice, env: gpg.env }).sign({
      digest: image.top.digest,
      dockerReference: name,
    });
    if (signed.kind !== 'simple') throw new Error('another kind');
    return signed.bytes;
  }

  const policy = (): Policy =>
    parsePolicy(
      `{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"${gpg.publicKeyFile('alice')}"}]}`,
    );

  it('is asked for one signature after the other, here and by skopeo', async () => {
    await using registry = await startRegistry();
    const reference = await push(registry.host);
    const good = await signature(reference.slice('docker://'.length));
    const bad = await signature('a.net/other:1');
    const asked: string[] = [];
    const base = await serve(({ url = '' }, response) => {
      asked.push(url);
      const number = url.at(-1);
      if (number === '1') response.end(bad);
      else if (number === '2') response.end(good);
      else response.writeHead(404).end('none');
    });
    const signatureStorages = storagesWith({ lookaside: `${base}/sig/` });
    expect(await decide(reference, policy(), { signatureStorages })).toBe('accepted');
    const ours = asked.splice(0);
    expect(ours).toEqual([1, 2, 3].map((n) => `/sig/team/app@sha256=${hex}/signature-${n}`));
    const folder = await makeFolder();
    await writeFile(join(folder, 'x.yaml'), `default-docker: { lookaside: "${base}/sig" }\n`);
    const path = join(folder, 'policy.json');
    const keyPath = gpg.publicKeyFile('alice');
    await writeFile(path, `{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"${keyPath}"}]}`);
    const argv = ['--policy', path, '--registries.d', folder, 'copy', '--remove-signatures'];
    await run('skopeo', [...argv, '--src-tls-verify=false', reference, `dir:${folder}/out`]);
    expect(asked).toEqual(ours);
  });

  const large = Buffer.alloc(5 * 1024 * 1024, 0x90);
  it.each<[string, RequestListener, RegExp]>([
    ['has none', (_, response) => response.writeHead(404).end(), /there is none/],
    ['fails', (_, response) => response.writeHead(500).end('secret words'), /status 500/],
    ['gives a page', (_, response) => response.end('<html>'), /in no known format/],
    ['gives nothing', (_, response) => response.end(), /in no known format/],
    ['gives a signature without end', (_, response) => response.end(large), /too long/],
    [
      'gives one without end and length',
      (_, response) => {
        for (let i = 0; i < 6; i += 1) response.write(large.subarray(0, 1024 * 1024));
        response.end();
      },
      /too long/,
    ],
    ['hangs up', (_, response) => response.destroy(), /cannot be reached/],
    ['never ends the list', (_, response) => response.end(Buffer.of(0x90, 1)), /no trusted key/],
  ])('that %s refuses', async (_, answer, message) => {
    await using registry = await startRegistry();
    const reference = await push(registry.host);
    const signatureStorages = storagesWith({ lookaside: await serve(answer) });
    const said = await decide(reference, policy(), { signatureStorages });
    expect(said).toMatch(message);
    expect(said).not.toContain('secret words');
  });
});

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const policy = parsePolicy(
  `{"default":[{"type":"sigstoreSigned","keyData":"${Buffer.from(pem).toString('base64')}"}]}`,
);
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** As cosign 3 keeps a signature. */
async function attach(
  host: string,
  bundle: Uint8Array,
  artifactType = bundleType,
  change: (manifest: string) => string = (manifest) => manifest,
): Promise<void> {
  await using client = createRegistryClient({ tlsVerify: false });
  const repository = client.repository({ host, repository: 'team/app' });
  async function* once(bytes: Uint8Array) {
    yield bytes;
  }
  const put = async (type: string, bytes: Uint8Array): Promise<Descriptor> => {
    const descriptor = await descriptorOf(type, bytes);
    await repository.blobs.push(descriptor, () => once(bytes));
    return descriptor;
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    artifactType,
    config: await put(MediaType.Empty, Buffer.from('{}')),
    layers: [await put(bundleType, bundle)],
    subject: await descriptorOf(image.top.mediaType, image.top.bytes),
  };
  await repository.manifests.push(Buffer.from(change(Buffer.from(encodeJson(manifest)).toString())), {
    mediaType: MediaType.ImageManifest,
  });
}

const statement = Buffer.from(
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: hex } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  }),
);
const type = 'application/vnd.in-toto+json';
const signed = Buffer.from(`DSSEv1 ${type.length} ${type} ${statement.length} ${statement}`);
const bundle = Buffer.from(
  JSON.stringify({
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: '' } },
    dsseEnvelope: {
      payload: statement.toString('base64'),
      payloadType: type,
      signatures: [{ sig: sign('sha256', signed, privateKey).toString('base64') }],
    },
  }),
);
const on = { signatureStorages: storagesWith({ useSigstoreAttachments: true }) };

describe.each<[string, () => Promise<{ host: string } & AsyncDisposable>]>([
  ['that lists referrers', startRegistry],
  ['without a list of referrers', startDockerRegistry],
])('a registry %s', (_, start) => {
  it('has the bundle of an image that is named by its digest, among others', async () => {
    await using registry = await start();
    await push(registry.host);
    const byDigest = `docker://${registry.host}/team/app@${image.top.digest}`;
    expect(await decide(byDigest, policy, on)).toMatch(/there is none/);
    await attach(registry.host, Buffer.from('junk'));
    await attach(registry.host, Buffer.from('{}'), 'application/spdx+json');
    expect(await decide(byDigest, policy, on)).toMatch(/JSON/);
    await attach(registry.host, bundle);
    expect(await decide(byDigest, policy, on)).toBe('accepted');
    expect(await decide(`docker://${registry.host}/team/app:1`, policy, on)).toMatch(/it names no image/);
    const off = { signatureStorages: storagesWith({}) };
    expect(await decide(byDigest, policy, off)).toMatch(/there is none/);
  });
});

it('a referrer that cannot be read hides no good one', async () => {
  await using registry = await startDockerRegistry();
  await push(registry.host);
  const byDigest = `docker://${registry.host}/team/app@${image.top.digest}`;
  const withoutType = (manifest: string): string => manifest.replace(`"mediaType":"${MediaType.Empty}",`, '');
  await attach(registry.host, bundle, bundleType, withoutType);
  expect(await decide(byDigest, policy, on)).toMatch(/there is none/);
  await attach(registry.host, bundle);
  expect(await decide(byDigest, policy, on)).toBe('accepted');
});
