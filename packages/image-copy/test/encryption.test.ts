// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Manifest, MediaType, parseManifest } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage, type TestImage } from '../src/conformance.ts';
import {
  type CopyOptions,
  copyImage,
  openDestination,
  openSource,
  readDecryptionKey,
  readEncryptionKey,
  type TransportContext,
} from '../src/index.ts';
import { later, makeFolder, skopeo } from './programs.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await makeFolder();
});

/** Makes `NAME.pub` and `NAME.key`. */
async function makeKeys(
  name: string,
  kind: 'rsa' | 'P-256' | 'P-521' = 'rsa',
  passphrase?: string,
): Promise<void> {
  const { publicKey, privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: kind });
  const secret = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  await writeFile(join(cwd, `${name}.pub`), publicKey.export({ format: 'pem', type: 'spki' }));
  const type = passphrase === undefined ? 'pkcs8' : kind === 'rsa' ? 'pkcs1' : 'sec1';
  await writeFile(join(cwd, `${name}.key`), privateKey.export({ format: 'pem', type, ...secret } as never));
}

async function copyFrom(
  source: TestImage | string,
  to: string,
  options: CopyOptions,
  context: TransportContext = {},
) {
  const all = { cwd, tlsVerify: false, ...context };
  const from = typeof source === 'string' ? await openSource(source, all) : createMemorySource(source);
  const destination = await openDestination(to, all);
  try {
    return await copyImage(from, destination, options);
  } finally {
    await from.close();
    await destination.close();
  }
}

async function manifestOf(reference: string): Promise<Manifest> {
  const source = await openSource(reference, { cwd, tlsVerify: false });
  try {
    return parseManifest((await source.manifest()).bytes);
  } finally {
    await source.close();
  }
}

const encryptedGzip = `${MediaType.LayerGzip}+encrypted`;

describe('layers that we encrypt', () => {
  it.each([
    ['an RSA key', ['rsa']],
    ['a key on P-256', ['P-256']],
    ['a key on P-521', ['P-521']],
    ['each of three keys', ['rsa', 'P-256', 'rsa']],
  ] as const)('for %s are decrypted by skopeo, byte for byte', async (_name, kinds) => {
    const image = await makeTestImage({ seed: 'ours' });
    for (const [i, kind] of kinds.entries()) await makeKeys(`key-${i}`, kind);
    const keys = await Promise.all(kinds.map((_, i) => readEncryptionKey(`jwe:key-${i}.pub`, { cwd })));
    await copyFrom(image, 'oci:enc:x', { encryption: { keys } });
    const { layers } = await manifestOf('oci:enc:x');
    expect(layers.map(({ mediaType }) => mediaType)).toEqual([encryptedGzip, encryptedGzip]);
    for (const i of kinds.keys()) {
      await skopeo(cwd, 'copy', '--decryption-key', `key-${i}.key`, 'oci:enc:x', `oci:plain-${i}:x`);
      const plain = await manifestOf(`oci:plain-${i}:x`);
      expect(plain.layers.map(({ digest }) => digest)).toEqual(image.layers.map(({ digest }) => digest));
      await copyFrom('oci:enc:x', `oci:ours-${i}:x`, {
        decryptionKeys: [await readDecryptionKey(`key-${i}.key`, { cwd })],
      });
      expect((await manifestOf(`oci:ours-${i}:x`)).layers).toEqual(image.layers);
    }
  });

  it.each([
    ['the first', [0], [true, false, false]],
    ['the last', [-1], [false, false, true]],
    ['some', [-3, 1], [true, true, false]],
    ['all', [], [true, true, true]],
  ] as const)('are %s', async (_name, layers, expected) => {
    await makeKeys('key');
    const keys = [await readEncryptionKey('jwe:key.pub', { cwd })];
    await copyFrom(await makeTestImage({ seed: 'some', layers: 3 }), 'oci:enc:x', {
      encryption: { keys, layers },
    });
    const found = (await manifestOf('oci:enc:x')).layers;
    expect(found.map(({ mediaType }) => mediaType === encryptedGzip)).toEqual(expected);
  });

  it('that are not there are refused before anything is written', async () => {
    await makeKeys('key');
    const keys = [await readEncryptionKey('jwe:key.pub', { cwd })];
    const image = await makeTestImage({ seed: 'none' });
    for (const layers of [[2], [-3]]) {
      await expect(copyFrom(image, 'oci:enc:x', { encryption: { keys, layers } })).rejects.toMatchObject({
        code: Code.InvalidArgument,
      });
    }
    await expect(manifestOf('oci:enc:x')).rejects.toMatchObject({ code: Code.NotFound });
  });

  it("make a Docker image one of the OCI's, and are no image of Docker's", async () => {
    await makeKeys('key');
    const keys = [await readEncryptionKey('jwe:key.pub', { cwd })];
    const image = await makeTestImage({ seed: 'docker', format: 'v2s2' });
    const registry = await startRegistry();
    later(() => registry.close());
    const { descriptor } = await copyFrom(image, `docker://${registry.host}/app:1`, { encryption: { keys } });
    expect(descriptor.mediaType).toBe(MediaType.ImageManifest);
    await skopeo(
      cwd,
      'copy',
      '--src-tls-verify=false',
      '--decryption-key=key.key',
      `docker://${registry.host}/app:1`,
      'oci:plain:x',
    );
    expect((await manifestOf('oci:plain:x')).layers.map(({ digest }) => digest)).toEqual(
      image.layers.map(({ digest }) => digest),
    );
    for (const options of [{ format: 'v2s2' }, { preserveDigests: true }] as const) {
      await expect(copyFrom(image, 'dir:out', { ...options, encryption: { keys } })).rejects.toMatchObject({
        details: { side: 'destination' },
      });
    }
  });

  it('can become zstd on the way, and tell nothing of what is in them', async () => {
    await makeKeys('key');
    const keys = [await readEncryptionKey('jwe:key.pub', { cwd })];
    const image = await makeTestImage({ seed: 'zstd' });
    await copyFrom(image, 'oci:enc:x', { encryption: { keys }, compression: { format: 'zstd:chunked' } });
    const { layers } = await manifestOf('oci:enc:x');
    expect(layers.map(({ mediaType }) => mediaType)).toEqual(
      layers.map(() => `${MediaType.LayerZstd}+encrypted`),
    );
    const names = layers.flatMap(({ annotations = {} }) => Object.keys(annotations));
    expect(names.filter((name) => name.includes('zstd-chunked'))).toEqual([]);
    const decryptionKeys = [await readDecryptionKey('key.key', { cwd })];
    const { config } = await copyFrom('oci:enc:x', 'docker-archive:out.tar', { decryptionKeys });
    expect(config).toBe(image.config.digest);
  });
});

describe('layers that skopeo encrypted', () => {
  it('are decrypted, byte for byte, and pass through as they are without a key', async () => {
    await makeKeys('key', 'rsa', 'secret');
    const image = await makeTestImage({ seed: 'theirs' });
    await copyFrom(image, 'oci:in:x', {});
    await skopeo(cwd, 'copy', '--encryption-key', 'jwe:key.pub', 'oci:in:x', 'oci:enc:x');
    await writeFile(join(cwd, 'password'), 'secret');
    for (const text of ['key.key:secret', 'key.key:pass=secret', 'key.key:file=password']) {
      const decryptionKeys = [await readDecryptionKey(text, { cwd })];
      await copyFrom('oci:enc:x', `oci:${text.length}:x`, { decryptionKeys });
      expect((await manifestOf(`oci:${text.length}:x`)).layers).toEqual(image.layers);
    }
    const { descriptor, sourceDigest } = await copyFrom('oci:enc:x', 'dir:same', { preserveDigests: true });
    expect(descriptor.digest).toBe(sourceDigest);
  });

  it('are not stored in a form that nobody could run', async () => {
    await makeKeys('key');
    await copyFrom(await makeTestImage({ seed: 'stored' }), 'oci:enc:x', {
      encryption: { keys: [await readEncryptionKey('jwe:key.pub', { cwd })] },
    });
    const to = `containers-storage:[overlay@${cwd}/graph+${cwd}/run]example.com/app:1`;
    const error = await copyFrom('oci:enc:x', to, {}).catch((reason: unknown) => LadingError.from(reason));
    expect(error).toMatchObject({ code: Code.FailedPrecondition, details: { side: 'destination' } });
    expect(LadingError.from(error).message).toContain('encrypted');
    const image = await makeTestImage({ seed: 'stored' });
    const decryptionKeys = [await readDecryptionKey('key.key', { cwd })];
    expect((await copyFrom('oci:enc:x', to, { decryptionKeys })).config).toBe(image.config.digest);
  });

  it('are refused when they were changed, or are for someone else', async () => {
    await makeKeys('key');
    await makeKeys('other');
    const image = await makeTestImage({ seed: 'changed' });
    await copyFrom(image, 'dir:enc', {
      encryption: { keys: [await readEncryptionKey('jwe:key.pub', { cwd })] },
    });
    const other = [await readDecryptionKey('other.key', { cwd })];
    await expect(copyFrom('dir:enc', 'oci:out:x', { decryptionKeys: other })).rejects.toMatchObject({
      code: Code.PermissionDenied,
      reason: 'KEY_UNKNOWN',
      details: { side: 'source' },
    });
    // A manifest that lists other bytes with the key of the first ones.
    const path = join(cwd, 'enc/manifest.json');
    const manifest = parseManifest(await readFile(path));
    const [first, second] = manifest.layers;
    const layers = [{ ...first, digest: second?.digest, size: second?.size }, second];
    await writeFile(path, JSON.stringify({ ...manifest, layers }));
    const decryptionKeys = [await readDecryptionKey('key.key', { cwd })];
    await expect(copyFrom('dir:enc', 'oci:out:x', { decryptionKeys })).rejects.toMatchObject({
      code: Code.DataLoss,
      reason: 'HMAC_MISMATCH',
      details: { side: 'source' },
    });
    await expect(manifestOf('oci:out:x')).rejects.toMatchObject({ code: Code.NotFound });
  });
});

describe('keys', () => {
  it('in DER and as JSON Web Keys are taken too', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    await writeFile(join(cwd, 'der.pub'), publicKey.export({ format: 'der', type: 'spki' }));
    await writeFile(join(cwd, 'sec1.key'), privateKey.export({ format: 'der', type: 'sec1' }));
    await writeFile(join(cwd, 'jwk.pub'), JSON.stringify(publicKey.export({ format: 'jwk' })));
    await writeFile(join(cwd, 'jwk.key'), JSON.stringify(privateKey.export({ format: 'jwk' })));
    const image = await makeTestImage({ seed: 'jwk' });
    for (const [pub, key] of [
      ['der.pub', 'jwk.key'],
      ['jwk.pub', 'sec1.key'],
    ]) {
      const keys = [await readEncryptionKey(`jwe:${pub}`, { cwd })];
      await copyFrom(image, `oci:enc-${pub}:x`, { encryption: { keys } });
      const decryptionKeys = [await readDecryptionKey(key ?? '', { cwd })];
      await copyFrom(`oci:enc-${pub}:x`, `oci:out-${key}:x`, { decryptionKeys });
      expect((await manifestOf(`oci:out-${key}:x`)).layers).toEqual(image.layers);
    }
  });

  it('with a password are opened by a file of an editor, and by one whose line end is of the password', async () => {
    for (const [name, password, text] of [
      ['plain', 'secret', 'secret'],
      ['line', 'secret', 'secret\n'],
      ['dos', 'secret', 'secret\r\n'],
      ['ended', 'secret\n', 'secret\n'],
    ] as const) {
      await makeKeys(name, 'P-256', password);
      await writeFile(join(cwd, 'password'), text);
      const { key } = await readDecryptionKey(`${name}.key:file=password`, { cwd });
      expect([name, key.asymmetricKeyType]).toEqual([name, 'ec']);
    }
    await makeKeys('other', 'P-256', 'secret');
    for (const text of ['secret\n\n', 'secret ', '\n', '']) {
      await writeFile(join(cwd, 'password'), text);
      const opening = readDecryptionKey('other.key:file=password', { cwd });
      await expect(opening).rejects.toMatchObject({ code: Code.Unauthenticated });
    }
  });

  it('that are none, or of another kind, are named in one line without their content', async () => {
    await makeKeys('key');
    await makeKeys('locked', 'rsa', 'secret');
    await writeFile(join(cwd, 'text'), 'hello');
    await writeFile(join(cwd, 'token'), 'pkcs11:token=x');
    const encryption = (text: string) => () => readEncryptionKey(text, { cwd });
    const decryption = (text: string) => () => readDecryptionKey(text, { cwd });
    const cases: [() => Promise<unknown>, string][] = [
      [encryption('key.pub'), Code.InvalidArgument],
      [encryption('jwe:'), Code.InvalidArgument],
      [encryption('jwe:text'), Code.InvalidArgument],
      [encryption('jwe:key.key'), Code.InvalidArgument],
      [encryption('jwe:missing'), Code.NotFound],
      [encryption('jwe:token'), Code.Unimplemented],
      [encryption('pgp:a@example.com'), Code.Unimplemented],
      [encryption('pkcs7:key.pub'), Code.Unimplemented],
      [encryption('pkcs11:token'), Code.Unimplemented],
      [encryption('provider:x'), Code.Unimplemented],
      [decryption('provider:x'), Code.Unimplemented],
      [decryption('token'), Code.Unimplemented],
      [decryption('text'), Code.InvalidArgument],
      [decryption('key.pub'), Code.InvalidArgument],
      [decryption('missing'), Code.NotFound],
      [decryption('a:b:c'), Code.InvalidArgument],
      [decryption('locked.key'), Code.Unauthenticated],
      [decryption('locked.key:wrong'), Code.Unauthenticated],
    ];
    for (const [action, code] of cases) {
      const error = await action().catch((reason: unknown) => reason);
      expect([String(error), error]).toEqual([
        expect.stringMatching(/^[^\n]+$/),
        expect.objectContaining({ code }),
      ]);
      expect(String(error)).not.toMatch(/wrong$|hello/);
    }
  });
});
