// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadPolicy, loadSignatureStorages, parsePolicy } from '@lading/config';
import { LadingError } from '@lading/errors';
import { descriptorOf, digestHex, encodeJson, MediaType } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMemorySource, makeTestImage } from '../src/conformance.ts';
import { copyImage, openDestination, openSource } from '../src/index.ts';

const run = promisify(execFile);
const image = await makeTestImage({ seed: 'trust' });
const another = await makeTestImage({ seed: 'trust, another' });

let folder: string;
let gnupg: string;
const keyOf = new Map<string, string>();

async function gpg(...args: string[]): Promise<string> {
  const { stdout } = await run('gpg', [
    '--batch',
    '--homedir',
    gnupg,
    '--pinentry-mode',
    'loopback',
    ...args,
  ]);
  return stdout;
}

async function makeKey(name: string): Promise<void> {
  await gpg('--passphrase', '', '--quick-generate-key', name, 'rsa2048', 'sign', 'never');
  const listed = await gpg('--with-colons', '--fingerprint', name);
  keyOf.set(name, /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1] ?? '');
  await gpg('--output', join(folder, `${name}.gpg`), '--export', name);
}

/** Signs with Debian's skopeo. */
async function sign(manifestPath: string, name: string, key: string, output: string): Promise<void> {
  await run('skopeo', ['standalone-sign', manifestPath, name, keyOf.get(key) ?? '', '--output', output], {
    env: { ...process.env, GNUPGHOME: gnupg },
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-trust-'));
  gnupg = join(folder, 'gnupg');
  await mkdir(gnupg, { mode: 0o700 });
  await makeKey('alice');
  await makeKey('bob');
  for (const [name, of] of [
    ['image', image],
    ['another', another],
  ] as const) {
    await copyImage(createMemorySource(of), await openDestination(`dir:${join(folder, name)}`));
  }
  const manifest = join(folder, 'image/manifest.json');
  await sign(manifest, 'a.net/b:1', 'alice', join(folder, 'alice-1'));
  await sign(manifest, 'a.net/b:2', 'alice', join(folder, 'alice-2'));
  await sign(manifest, 'a.net/b:1', 'bob', join(folder, 'bob-1'));
  await sign(join(folder, 'another/manifest.json'), 'a.net/b:1', 'alice', join(folder, 'alice-another'));
});
afterAll(async () => {
  await run('gpgconf', ['--homedir', gnupg, '--kill', 'all']);
  await rm(folder, { recursive: true, force: true });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const exact = '{"type":"exactReference","dockerReference":"a.net/b:1"}';
const repository = '{"type":"exactRepository","dockerRepository":"a.net/b"}';
function by(key: string, identity?: string): string {
  const more = identity === undefined ? '' : `,"signedIdentity":${identity}`;
  return `{"type":"signedBy","keyType":"GPGKeys","keyPath":"FOLDER/${key}.gpg"${more}}`;
}
const policyOf = (requirements: string, scopes = ''): string =>
  `{"default":[${requirements}],"transports":{"dir":{${scopes}}}}`;

it.each<[string, string, readonly string[], boolean]>([
  ['accepts anything', policyOf('{"type":"insecureAcceptAnything"}'), [], true],
  ['rejects', policyOf('{"type":"reject"}'), ['alice-1'], false],
  ['accepts by a signature for the name', policyOf(by('alice', exact)), ['alice-1'], true],
  ['refuses without a signature', policyOf(by('alice', exact)), [], false],
  ['refuses a signature for another tag', policyOf(by('alice', exact)), ['alice-2'], false],
  ['accepts any tag of a repository', policyOf(by('alice', repository)), ['alice-2'], true],
  ['refuses another key', policyOf(by('alice', exact)), ['bob-1'], false],
  ['accepts a good signature after a bad one', policyOf(by('alice', exact)), ['bob-1', 'alice-1'], true],
  ['refuses a signature of another image', policyOf(by('alice', exact)), ['alice-another'], false],
  ['refuses an image without a name', policyOf(by('alice')), ['alice-1'], false],
  ['wants both signatures', policyOf(`${by('alice', exact)},${by('bob', exact)}`), ['alice-1'], false],
  [
    'takes both signatures',
    policyOf(`${by('alice', exact)},${by('bob', exact)}`),
    ['bob-1', 'alice-1'],
    true,
  ],
  ['refuses with a key that is missing', policyOf(by('nobody', exact)), ['alice-1'], false],
  [
    'takes the most specific scope',
    policyOf(
      '{"type":"reject"}',
      '"FOLDER/case":[{"type":"insecureAcceptAnything"}],"FOLDER":[{"type":"reject"}]',
    ),
    [],
    true,
  ],
  [
    'takes the folder above',
    policyOf('{"type":"reject"}', '"FOLDER":[{"type":"insecureAcceptAnything"}]'),
    [],
    true,
  ],
  [
    'takes the rest of the transport',
    policyOf(
      '{"type":"insecureAcceptAnything"}',
      '"":[{"type":"reject"}],"/nowhere":[{"type":"insecureAcceptAnything"}]',
    ),
    [],
    false,
  ],
  ['with a slip of the pen refuses all', policyOf('{"type":"insecureAcceptAnything","key":1}'), [], false],
  [
    'with a key twice refuses all',
    '{"default":[{"type":"reject"}],"default":[{"type":"insecureAcceptAnything"}]}',
    [],
    false,
  ],
])('a policy that %s decides as in skopeo', async (_, text, signatures, accepted) => {
  const path = join(folder, 'policy.json');
  await writeFile(path, text.replaceAll('FOLDER', folder));
  const from = join(folder, 'case');
  await rm(from, { recursive: true, force: true });
  await cp(join(folder, 'image'), from, { recursive: true });
  for (const [i, name] of signatures.entries())
    await cp(join(folder, name), join(from, `signature-${i + 1}`));
  const theirs = await run('skopeo', [
    '--policy',
    path,
    'copy',
    '--remove-signatures',
    `dir:${from}`,
    `dir:${join(folder, 'theirs')}`,
  ]).then(
    () => true,
    () => false,
  );
  const source = await openSource(`dir:${from}`);
  const ours = await (async () => {
    try {
      await copyImage(source, await openDestination(`dir:${join(folder, 'ours')}`), {
        policy: await loadPolicy({ path }),
      });
      return true;
    } catch (error) {
      if (!(error instanceof LadingError)) throw error;
      return false;
    }
  })();
  expect({ theirs, ours }).toEqual({ theirs: accepted, ours: accepted });
});

it('an image of a registry is accepted by its signature in a lookaside folder, and no layer is read before', async () => {
  await using registry = await startRegistry();
  const name = `${registry.host}/team/app:1`;
  const lookaside = join(folder, 'lookaside');
  const signatures = join(lookaside, `team/app@sha256=${digestHex(image.top.digest)}`);
  await mkdir(signatures, { recursive: true });
  await mkdir(join(folder, 'registries.d'));
  await writeFile(
    join(folder, 'registries.d/a.yaml'),
    `docker: {"${registry.host}/team": {lookaside: "file://${lookaside}"}}`,
  );
  const signatureStorages = await loadSignatureStorages({ directory: join(folder, 'registries.d') });
  const context = { tlsVerify: false, signatureStorages };
  await copyImage(createMemorySource(image), await openDestination(`docker://${name}`, context));
  const policy = parsePolicy(policyOf(by('alice')).replaceAll('FOLDER', folder));
  const source = await openSource(`docker://${name}`, context);
  const read: string[] = [];
  const watched = {
    ...source,
    blob(...args: Parameters<typeof source.blob>) {
      read.push(args[0].digest);
      return source.blob(...args);
    },
  };
  const out = join(folder, 'out');
  await expect(copyImage(watched, await openDestination(`dir:${out}`), { policy })).rejects.toMatchObject({
    reason: 'POLICY_REJECTED',
  });
  expect(read).toEqual([]);
  await sign(join(folder, 'image/manifest.json'), name, 'alice', join(signatures, 'signature-1'));
  await copyImage(watched, await openDestination(`dir:${out}`), { policy });
  expect(await readFile(join(out, 'manifest.json'))).toEqual(Buffer.from(image.top.bytes));
  await source.close();
});

it.each([
  ['attachments are on and the signature is good', true, true],
  ['attachments are off', false, false],
])('a sigstore signature under the tag of cosign: %s', async (_, useSigstoreAttachments, accepted) => {
  await using registry = await startRegistry();
  const name = `${registry.host}/team/app:1`;
  const storage = { lookaside: undefined, lookasideStaging: undefined, useSigstoreAttachments };
  const context = {
    tlsVerify: false,
    signatureStorages: { defaultDocker: undefined, docker: new Map([[registry.host, storage]]) },
  };
  await copyImage(createMemorySource(image), await openDestination(`docker://${name}`, context));
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const payload = encodeJson({
    critical: {
      type: 'cosign container image signature',
      image: { 'docker-manifest-digest': image.top.digest },
      identity: { 'docker-reference': name },
    },
    optional: null,
  });
  const config = encodeJson({});
  const layer = {
    ...(await descriptorOf('application/vnd.dev.cosign.simplesigning.v1+json', payload)),
    annotations: {
      'dev.cosignproject.cosign/signature': signBytes('sha256', payload, privateKey).toString('base64'),
    },
  };
  const configDescriptor = await descriptorOf(MediaType.ImageConfig, config);
  const client = createRegistryClient({ tlsVerify: false });
  const repository = client.repository({ host: registry.host, repository: 'team/app' });
  await repository.blobs.push(layer, () => once(payload));
  await repository.blobs.push(configDescriptor, () => once(config));
  await repository.manifests.push(
    encodeJson({
      schemaVersion: 2,
      mediaType: MediaType.ImageManifest,
      config: configDescriptor,
      layers: [layer],
    }),
    { mediaType: MediaType.ImageManifest, tag: [`sha256-${digestHex(image.top.digest)}.sig`] },
  );
  await client.close();
  const pem = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })).toString('base64');
  const policy = parsePolicy(`{"default":[{"type":"sigstoreSigned","keyData":"${pem}"}]}`);
  const source = await openSource(`docker://${name}`, context);
  const decision = await copyImage(source, await openDestination(`dir:${join(folder, 'sigstore')}`), {
    policy,
  }).then(
    () => true,
    (error) => LadingError.from(error).reason,
  );
  expect(decision).toBe(accepted ? true : 'POLICY_REJECTED');
  await source.close();
});
