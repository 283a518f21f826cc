// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadPolicy, type SignatureStorages } from '@lading/config';
import { LadingError } from '@lading/errors';
import { digestHex } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGpg, type TestGpg } from '../../../tools/test-support/gpg.ts';
import { createMemorySource, makeTestImage, makeTestIndex } from '../src/conformance.ts';
import {
  type CopyOptions,
  copyImage,
  createGpgSigner,
  createSigstoreSigner,
  generateSigstoreKey,
  type ImageSignature,
  type ImageSource,
  openDestination,
  openSource,
  type TransportContext,
} from '../src/index.ts';
import { later, makeFolder } from './programs.ts';

const run = promisify(execFile);
const image = await makeTestImage({ seed: 'trust, copied' });
const name = 'a.net/b:1';

let folder: string;
let gpg: TestGpg;
let alice: string;
const signed = () => `dir:${join(folder, 'signed')}`;
const atEnd: (() => Promise<unknown>)[] = [];

async function copy(
  from: ImageSource | string,
  to: string,
  options: CopyOptions = {},
  context: TransportContext = {},
) {
  const source = typeof from === 'string' ? await openSource(from, context) : from;
  const destination = await openDestination(to, context);
  try {
    return await copyImage(source, destination, options);
  } finally {
    await source.close();
    await destination.close();
  }
}

async function reasonOf(action: Promise<unknown>): Promise<string | undefined> {
  return action.then(
    () => 'done',
    (error) => LadingError.from(error).reason ?? LadingError.from(error).message,
  );
}

async function signaturesOf(reference: string, context: TransportContext = {}) {
  const source = await openSource(reference, context);
  try {
    const { digest } = await source.manifest();
    return (await source.signatures?.({ digest })) ?? [];
  } finally {
    await source.close();
  }
}

/** Whether skopeo accepts an image under a policy that asks for a signature of alice for the name. */
async function skopeoAccepts(reference: string, more: readonly string[] = []): Promise<boolean> {
  const out = await makeFolder();
  const path = join(out, 'policy.json');
  const identity = `{"type":"exactReference","dockerReference":"${name}"}`;
  await writeFile(
    path,
    `{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"${gpg.publicKeyFile('alice')}","signedIdentity":${identity}}]}`,
  );
  const argv = ['--policy', path, ...more, 'copy', '--src-tls-verify=false', '--remove-signatures'];
  return run('skopeo', [...argv, reference, `dir:${out}/out`]).then(
    () => true,
    (error: { stderr?: string }) => {
      if (/policy|signature/i.test(error.stderr ?? '')) return false;
      throw error;
    },
  );
}

beforeAll(async () => {
  folder = await makeFolder((action) => atEnd.push(action));
  gpg = await makeGpg(folder);
  atEnd.push(() => gpg.stop());
  alice = await gpg.makeKey('alice');
  await gpg.makeKey('locked', 'open sesame');
  const key = await generateSigstoreKey('pass');
  await writeFile(join(folder, 'sigstore.pub'), key.publicKey);
  const signers = [
    createGpgSigner({ key: alice, env: gpg.env }),
    await createSigstoreSigner({ privateKey: Buffer.from(key.privateKey), passphrase: 'pass' }),
  ];
  await copy(createMemorySource(image), signed(), { signers, signIdentity: name });
});
afterAll(async () => {
  for (const action of atEnd.reverse()) await action();
});

function storagesWith(storage: Partial<NonNullable<SignatureStorages['defaultDocker']>>): SignatureStorages {
  const none = { lookaside: undefined, lookasideStaging: undefined, useSigstoreAttachments: undefined };
  return { docker: new Map(), defaultDocker: { ...none, ...storage } };
}

describe('signatures that are made', () => {
  it('are files that skopeo accepts, one a signer, and nothing of the image is changed', async () => {
    const at = join(folder, 'signed');
    expect((await readdir(at)).filter((file) => file.startsWith('signature')).sort()).toEqual([
      'signature-1',
      'signature-2',
    ]);
    expect(await readFile(join(at, 'manifest.json'))).toEqual(Buffer.from(image.top.bytes));
    const second = await readFile(join(at, 'signature-2'));
    expect(second.subarray(0, 15).toString()).toBe('\0sigstore-json\n');
    // Debian's skopeo verifies no sigstore signatures; it accepts the image by the other one.
    expect(await skopeoAccepts(signed())).toBe(true);
  });

  it.each<[string, string, boolean]>([
    ['by the key of gpg', '{"type":"signedBy","keyType":"GPGKeys","keyPath":"FOLDER/alice.gpg"', true],
    ['by another key of gpg', '{"type":"signedBy","keyType":"GPGKeys","keyPath":"FOLDER/locked.gpg"', false],
    ['by the sigstore key', '{"type":"sigstoreSigned","keyPath":"FOLDER/sigstore.pub"', true],
  ])('are accepted %s here: %s %s', async (_, requirement, accepted) => {
    const path = join(await makeFolder(), 'policy.json');
    const identity = `"signedIdentity":{"type":"exactReference","dockerReference":"${name}"}}`;
    await writeFile(path, `{"default":[${requirement.replaceAll('FOLDER', folder)},${identity}]}`);
    const to = `dir:${join(await makeFolder(), 'out')}`;
    const reason = await reasonOf(copy(signed(), to, { policy: await loadPolicy({ path }) }));
    expect(reason).toBe(accepted ? 'done' : 'POLICY_REJECTED');
  });

  it('are of every image of an index and of the index, each beside its manifest', async () => {
    const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
    const images = await Promise.all(
      platforms.map(async (platform) => ({
        platform,
        image: await makeTestImage({ seed: platform.architecture, platform }),
      })),
    );
    const index = await makeTestIndex(images);
    const out = join(await makeFolder(), 'index');
    const signers = [createGpgSigner({ key: alice, env: gpg.env })];
    await copy(createMemorySource(index), `dir:${out}`, { platform: 'all', signers, signIdentity: name });
    const expected = [
      ...images.map((one) => `${digestHex(one.image.top.digest)}.signature-1`),
      'signature-1',
    ];
    expect((await readdir(out)).filter((file) => file.includes('signature')).sort()).toEqual(expected.sort());
    const again = join(await makeFolder(), 'again');
    await copy(`dir:${out}`, `dir:${again}`, { platform: 'all' });
    for (const file of expected) {
      expect(await readFile(join(again, file))).toEqual(await readFile(join(out, file)));
    }
    for (const arch of ['amd64', 'arm64']) {
      expect(await skopeoAccepts(`dir:${again}`, ['--override-arch', arch])).toBe(true);
    }
  });

  it('with a passphrase need the right one', async () => {
    const out = async () => `dir:${join(await makeFolder(), 'out')}`;
    const signed = async (passphrase: string) =>
      reasonOf(
        copy(createMemorySource(image), await out(), {
          signers: [createGpgSigner({ key: 'locked', passphrase, env: gpg.env })],
          signIdentity: name,
        }),
      );
    expect(await signed('wrong')).toBe('GPG_FAILED');
    expect(await signed('open sesame')).toBe('done');
  });

  it.each<[string, CopyOptions, string, RegExp]>([
    ['for a name without a tag', { signIdentity: 'a.net/b' }, 'dir:out', /neither tag nor digest/],
    ['for a short name', { signIdentity: 'busybox:1' }, 'dir:out', /host/],
    ['for a folder that gives no name', {}, 'dir:out', /--sign-identity/],
    ['where signatures have no place', { signIdentity: name }, 'oci:out', /keeps no signatures/],
  ])('are not made %s, and no blob is read', async (_, options, to, message) => {
    const source = createMemorySource(image);
    const cwd = await makeFolder();
    const signers = [createGpgSigner({ key: alice, env: gpg.env })];
    await expect(copy(source, to, { signers, ...options }, { cwd })).rejects.toThrow(message);
    expect([...source.reads.keys()]).not.toContain(image.layers[0]?.digest);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('without gpg say which package is missing, and by an unknown key which', async () => {
    const sign = async (key: string, env: TestGpg['env']) =>
      copy(createMemorySource(image), `dir:${join(await makeFolder(), 'out')}`, {
        signers: [createGpgSigner({ key, env })],
        signIdentity: name,
      });
    await expect(sign(alice, { ...gpg.env, PATH: '/nowhere' })).rejects.toThrow(/install the package gnupg/);
    await expect(sign('0'.repeat(40), gpg.env)).rejects.toThrow(/gpg failed: .*No secret key/);
    await expect(sign('--list-keys', gpg.env)).rejects.toThrow(/gpg failed/);
  });
});

describe('signatures that an image has', () => {
  it('go from folder to folder, byte for byte, and leave with --remove-signatures', async () => {
    const out = join(await makeFolder(), 'out');
    await copy(signed(), `dir:${out}`);
    for (const file of ['signature-1', 'signature-2']) {
      expect(await readFile(join(out, file))).toEqual(await readFile(join(folder, 'signed', file)));
    }
    await copy(signed(), `dir:${out}`, { removeSignatures: true });
    expect((await readdir(out)).filter((file) => file.startsWith('signature'))).toEqual([]);
  });

  it('stop a copy to where they have no place, before a layer is read', async () => {
    const cwd = await makeFolder();
    for (const to of ['oci:x', 'oci-archive:x.tar', 'docker-archive:x.tar']) {
      expect(await reasonOf(copy(signed(), to, {}, { cwd }))).toBe('SIGNATURES_UNSUPPORTED');
      expect(await readdir(cwd)).toEqual([]);
    }
    await expect(copy(signed(), 'oci:x', {}, { cwd })).rejects.toThrow(/--remove-signatures/);
    expect(await reasonOf(copy(signed(), 'oci:x', { removeSignatures: true }, { cwd }))).toBe('done');
    const argv = ['--insecure-policy', 'copy', signed()];
    await expect(run('skopeo', [...argv, `oci:${cwd}/y`])).rejects.toThrow(/signatures/);
    await run('skopeo', [...argv.slice(0, 2), '--remove-signatures', signed(), `oci:${cwd}/y`]);
  });

  it('forbid another format', async () => {
    const out = `dir:${join(await makeFolder(), 'out')}`;
    await expect(copy(signed(), out, { format: 'v2s2' })).resolves.toMatchObject({
      descriptor: { digest: image.top.digest },
    });
    const docker = await makeTestImage({ seed: 'docker', format: 'v2s2' });
    const first = join(await makeFolder(), 'docker');
    await copy(createMemorySource(docker), `dir:${first}`);
    await cp(join(folder, 'signed/signature-1'), join(first, 'signature-1'));
    await using registry = await startRegistry();
    const to = `docker://${registry.host}/a/b:1`;
    const compressed = copy(
      `dir:${first}`,
      to,
      { compression: { format: 'zstd' } },
      { tlsVerify: false, signatureStorages: storagesWith({ lookaside: `file://${folder}/none` }) },
    );
    await expect(compressed).rejects.toThrow(/its signatures would no longer hold.*--remove-signatures/);
  });

  it('of an index forbid that an image of it changes', async () => {
    const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
    const images = await Promise.all(
      platforms.map(async (platform) => ({
        platform,
        image: await makeTestImage({ seed: platform.architecture, platform }),
      })),
    );
    const source: ImageSource = {
      ...createMemorySource(await makeTestIndex(images)),
      async signatures({ instance }): Promise<readonly ImageSignature[]> {
        return instance === undefined ? [{ kind: 'simple', bytes: Uint8Array.of(0x90, 1) }] : [];
      },
    };
    await using registry = await startRegistry();
    const signatureStorages = storagesWith({ lookaside: `file://${await makeFolder()}` });
    const context = { tlsVerify: false, signatureStorages };
    const to = `docker://${registry.host}/a/b:1`;
    const zstd = { platform: 'all', compression: { format: 'zstd' } } as const;
    await expect(copy(source, to, zstd, context)).rejects.toThrow(/images of the index were changed/);
    await expect(openSource(to, context).then((opened) => opened.manifest())).rejects.toMatchObject({
      reason: 'MANIFEST_UNKNOWN',
    });
    expect(await reasonOf(copy(source, to, { ...zstd, removeSignatures: true }, context))).toBe('done');
  });

  it('go to a registry by the lookaside folder for writing and by tags, and skopeo finds them', async () => {
    await using registry = await startRegistry();
    const lookaside = await makeFolder();
    const signatureStorages = storagesWith({
      lookaside: `file://${lookaside}`,
      lookasideStaging: `file://${lookaside}/staging/`,
      useSigstoreAttachments: true,
    });
    const context = { tlsVerify: false, signatureStorages };
    const to = `docker://${registry.host}/team/app:1`;
    await copy(signed(), to, {}, context);
    const staged = join(lookaside, `staging/team/app@sha256=${digestHex(image.top.digest)}`);
    expect(await readdir(staged)).toEqual(['signature-1']);
    expect(await readFile(join(staged, 'signature-1'))).toEqual(
      await readFile(join(folder, 'signed/signature-1')),
    );
    // As its owner would publish what is staged.
    await cp(join(lookaside, 'staging'), lookaside, { recursive: true });
    const back = join(await makeFolder(), 'back');
    await copy(to, `dir:${back}`, {}, context);
    for (const file of ['signature-1', 'signature-2']) {
      const bytes = await readFile(join(folder, 'signed', file));
      expect(await readFile(join(back, file))).toEqual(bytes);
    }
    const registriesD = await makeFolder();
    await writeFile(join(registriesD, 'x.yaml'), `default-docker: { lookaside: "file://${lookaside}" }\n`);
    expect(await skopeoAccepts(to, ['--registries.d', registriesD])).toBe(true);
    await rm(lookaside, { recursive: true });
    expect(await skopeoAccepts(to, ['--registries.d', registriesD])).toBe(false);
  });

  it('under the tag of cosign are kept beside those that are there, none twice', async () => {
    await using registry = await startRegistry();
    const context = {
      tlsVerify: false,
      signatureStorages: storagesWith({
        lookaside: `file://${await makeFolder()}`,
        useSigstoreAttachments: true,
      }),
    };
    const to = `docker://${registry.host}/team/app:1`;
    await copy(signed(), to, {}, context);
    await copy(signed(), to, {}, context);
    const second = await generateSigstoreKey('');
    const signers = [
      await createSigstoreSigner({ privateKey: Buffer.from(second.privateKey), passphrase: '' }),
    ];
    await copy(createMemorySource(image), to, { signers }, context);
    const client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository({ host: registry.host, repository: 'team/app' });
    const tag = `sha256-${digestHex(image.top.digest)}.sig`;
    const { bytes } = await repository.manifests.fetch(tag);
    const manifest = JSON.parse(Buffer.from(bytes).toString()) as { layers: { digest: string }[] };
    expect(new Set(manifest.layers.map(({ digest }) => digest)).size).toBe(2);
    expect(manifest.layers).toHaveLength(2);
    await client.close();
    const policy = JSON.stringify({
      default: [
        {
          type: 'sigstoreSigned',
          keyData: Buffer.from(second.publicKey).toString('base64'),
          signedIdentity: { type: 'matchExact' },
        },
      ],
    });
    const path = join(await makeFolder(), 'policy.json');
    await writeFile(path, policy);
    const out = `dir:${join(await makeFolder(), 'out')}`;
    expect(await reasonOf(copy(to, out, { policy: await loadPolicy({ path }) }, context))).toBe('done');
  });

  it.each<[string, Parameters<typeof storagesWith>[0], RegExp]>([
    [
      'a lookaside server that no folder stands for',
      { lookaside: 'http://127.0.0.1:1/x', useSigstoreAttachments: true },
      /lookaside-staging/,
    ],
    ['attachments are off', {}, /use-sigstore-attachments/],
    [
      'the lookaside is no URL of a known kind',
      { lookaside: 'ftp://x/y', useSigstoreAttachments: true },
      /no file, http or https URL/,
    ],
  ])('do not go to a registry when %s', async (_, storage, message) => {
    await using registry = await startRegistry();
    const context = { tlsVerify: false, signatureStorages: storagesWith(storage) };
    const to = `docker://${registry.host}/team/app:1`;
    await expect(copy(signed(), to, {}, context)).rejects.toThrow(message);
    await expect(openSource(to, context).then((opened) => opened.manifest())).rejects.toMatchObject({
      reason: 'MANIFEST_UNKNOWN',
    });
  });

  it('in a lookaside folder are replaced, and none of an earlier copy is left', async () => {
    await using registry = await startRegistry();
    const lookaside = await makeFolder();
    const at = join(lookaside, `team/app@sha256=${digestHex(image.top.digest)}`);
    await mkdir(at, { recursive: true });
    for (const number of [1, 2, 3]) await writeFile(join(at, `signature-${number}`), 'old');
    const context = {
      tlsVerify: false,
      signatureStorages: storagesWith({ lookaside: `file://${lookaside}` }),
    };
    const signers = [createGpgSigner({ key: alice, env: gpg.env })];
    await copy(createMemorySource(image), `docker://${registry.host}/team/app:1`, { signers }, context);
    expect(await readdir(at)).toEqual(['signature-1']);
  });

  it('are kept by the local store as skopeo keeps them, and the other way about', async () => {
    const roots = await makeFolder();
    later(() => run('umount', ['-l', join(roots, 'graph/overlay')]).catch(() => undefined));
    const store = `containers-storage:[overlay@${roots}/graph+${roots}/run]`;
    await copy(signed(), `${store}a.net/ours:1`);
    expect(await signaturesOf(`${store}a.net/ours:1`)).toHaveLength(2);
    expect(await skopeoAccepts(`${store}a.net/ours:1`)).toBe(true);
    // Debian's skopeo writes no sigstore signatures.
    const simple = join(await makeFolder(), 'simple');
    await cp(join(folder, 'signed'), simple, { recursive: true });
    await rm(join(simple, 'signature-2'));
    await run('skopeo', ['--insecure-policy', 'copy', `dir:${simple}`, `${store}a.net/theirs:1`]);
    const bytes = await readFile(join(simple, 'signature-1'));
    expect(await signaturesOf(`${store}a.net/theirs:1`)).toEqual([{ kind: 'simple', bytes }]);
    // Read back, layers are compressed anew.
    const out = `dir:${join(await makeFolder(), 'out')}`;
    await expect(copy(`${store}a.net/theirs:1`, out)).rejects.toThrow(/--remove-signatures/);
    expect(await reasonOf(copy(`${store}a.net/theirs:1`, out, { removeSignatures: true }))).toBe('done');
  });

  it('of the local store that are cut off are an error, and a copy without them drops them', async () => {
    const roots = await makeFolder();
    const store = `containers-storage:[overlay@${roots}/graph+${roots}/run]`;
    await copy(signed(), `${store}a.net/ours:1`);
    const [id = ''] = (await readdir(join(roots, 'graph/overlay-images'))).filter((one) => one.length === 64);
    await writeFile(join(roots, 'graph/overlay-images', id, 'signatures'), 'short');
    await expect(signaturesOf(`${store}a.net/ours:1`)).rejects.toThrow(/is not what it was/);
    await copy(signed(), `${store}a.net/ours:1`, { removeSignatures: true });
    expect(await signaturesOf(`${store}a.net/ours:1`)).toEqual([]);
  });
});

describe('an image in the local store', () => {
  let roots: string;
  let id: string;
  const after: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    roots = await makeFolder((action) => after.push(action));
    after.push(() => run('umount', ['-l', join(roots, 'graph/overlay')]).catch(() => undefined));
    const to = `containers-storage:[overlay@${roots}/graph+${roots}/run]a.net/team/app:1`;
    id = digestHex((await copy(createMemorySource(image), to)).config ?? image.config.digest);
  });
  afterAll(async () => {
    for (const action of after.reverse()) await action();
  });

  it.each<[string, string, boolean]>([
    ['[overlay@ROOT]a.net/team/app:1@ID', 'a.net/team/app:1', true],
    ['[overlay@ROOT]a.net/team/app:1', 'a.net/team/app:1', true],
    ['[overlay@ROOT]a.net/team/app', 'a.net/team/app:1', true],
    ['[overlay@ROOT]a.net/team', 'a.net/team/app:1', true],
    ['[overlay@ROOT]a.net', 'a.net/team/app:1', true],
    ['[overlay@ROOT]', 'a.net/team/app:1', true],
    ['[ROOT]', 'a.net/team/app:1', true],
    ['', 'a.net/team/app:1', true],
    ['[overlay@ROOT]@ID', '@ID', true],
    ['[overlay@ROOT]', '@ID', true],
    ['[overlay@ROOT]@ID', 'a.net/team/app:1', false],
    ['[overlay@ROOT]a.net/tea', 'a.net/team/app:1', false],
    ['[overlay@ROOT]a.net/team/app:2', 'a.net/team/app:1', false],
    ['[vfs@ROOT]', 'a.net/team/app:1', false],
    ['[/elsewhere]', 'a.net/team/app:1', false],
  ])('falls under the scope %s when it is named %s: %s, as in skopeo', async (scope, name, accepted) => {
    const filled = (text: string): string => text.replace('ROOT', `${roots}/graph`).replace('ID', id);
    const cwd = await makeFolder();
    const path = join(cwd, 'policy.json');
    const open = [{ type: 'insecureAcceptAnything' }];
    const reject = [{ type: 'reject' }];
    const scopes = { ...(scope === '' ? {} : { '': reject }), [filled(scope)]: open };
    await writeFile(path, JSON.stringify({ default: reject, transports: { 'containers-storage': scopes } }));
    const from = `containers-storage:[overlay@${roots}/graph+${roots}/run]${filled(name)}`;
    const theirs = await run('skopeo', ['--policy', path, 'copy', from, `dir:${cwd}/theirs`]).then(
      () => true,
      () => false,
    );
    const policy = await loadPolicy({ path });
    const ours = (await reasonOf(copy(from, `dir:${cwd}/ours`, { policy }))) === 'done';
    expect({ theirs, ours }).toEqual({ theirs: accepted, ours: accepted });
  });
});
