// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { parsePolicy } from '@lading/config';
import { LadingError } from '@lading/errors';
import { digestBytes } from '@lading/image-spec';
import { createMessage, generateKey, type PrivateKey, revokeKey, sign } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { ImageSignature } from './image-signature.ts';

const manifest = Buffer.from('{"schemaVersion":2}');
const digest = await digestBytes(manifest);
const other = await digestBytes(Buffer.from('another'));
const simpleType = 'atomic container signature';
const sigstoreType = 'cosign container image signature';

function payload(type: string, signedDigest: string = digest, name = 'a.net/team/app:1'): string {
  return `{"critical":{"type":"${type}","image":{"docker-manifest-digest":"${signedDigest}"},"identity":{"docker-reference":"${name}"}},"optional":{"creator":"me","timestamp":5}}`;
}

async function makeKey(options: { date?: Date; keyExpirationTime?: number } = {}): Promise<PrivateKey> {
  const { privateKey } = await generateKey({ userIDs: [{ name: 'key' }], format: 'object', ...options });
  return privateKey;
}

let trusted: PrivateKey;
let stranger: PrivateKey;
let expired: PrivateKey;
let revoked: string;
const yearAgo = new Date(Date.now() - 365 * 86_400_000);
beforeAll(async () => {
  [trusted, stranger, expired] = await Promise.all([
    makeKey(),
    makeKey(),
    makeKey({ date: yearAgo, keyExpirationTime: 86_400 }),
  ]);
  const { publicKey } = await revokeKey({ key: trusted, format: 'object' });
  revoked = Buffer.from(publicKey.write()).toString('base64');
});

async function simple(text: string, keys: PrivateKey | PrivateKey[], date?: Date): Promise<ImageSignature> {
  const bytes = await sign({
    message: await createMessage({ binary: Buffer.from(text), ...(date === undefined ? {} : { date }) }),
    signingKeys: keys,
    format: 'binary',
    ...(date === undefined ? {} : { date }),
  });
  if (!(bytes instanceof Uint8Array)) throw new Error('no bytes');
  return { kind: 'simple', bytes };
}

function signedBy(keyData: string, identity = ''): string {
  return `{"type":"signedBy","keyType":"GPGKeys","keyData":"${keyData}"${identity}}`;
}

function base64Of(key: PrivateKey): string {
  return Buffer.from(key.toPublic().write()).toString('base64');
}

async function decide(
  requirement: string,
  signatures: readonly ImageSignature[],
  reference = 'docker://a.net/team/app:1',
): Promise<string> {
  try {
    await evaluatePolicy(parsePolicy(`{"default":[${requirement}]}`), {
      reference,
      manifest,
      signatures: async () => signatures,
    });
    return 'accepted';
  } catch (error) {
    return LadingError.from(error).message;
  }
}

describe('a simple signature', () => {
  it('of a trusted key for this name and these bytes is accepted, also among bad ones', async () => {
    const good = await simple(payload(simpleType), trusted);
    const bad = await simple(payload(simpleType), stranger);
    expect(await decide(signedBy(base64Of(trusted)), [good])).toBe('accepted');
    expect(await decide(signedBy(base64Of(trusted)), [bad, good])).toBe('accepted');
    const armored = Buffer.from(trusted.toPublic().armor()).toString('base64');
    expect(await decide(signedBy(armored), [good])).toBe('accepted');
    expect(await decide(signedBy(base64Of(trusted)), [good], `docker://a.net/team/app@${digest}`)).toBe(
      'accepted',
    );
  });

  it('must satisfy every requirement, each by a signature of its own', async () => {
    const both = `${signedBy(base64Of(trusted))},${signedBy(base64Of(stranger))}`;
    const first = await simple(payload(simpleType), trusted);
    const second = await simple(payload(simpleType), stranger);
    expect(await decide(both, [first])).toMatch(/requirement 2 \(signedBy\) of default/);
    expect(await decide(both, [first, second])).toBe('accepted');
  });

  it.each([
    ['by another key', () => simple(payload(simpleType), stranger), /no trusted key/],
    ['for another digest', () => simple(payload(simpleType, other), trusted), /it is for sha256/],
    [
      'for another tag',
      () => simple(payload(simpleType, digest, 'a.net/team/app:2'), trusted),
      /it is for "a.net/,
    ],
    [
      'for another host',
      () => simple(payload(simpleType, digest, 'b.net/team/app:1'), trusted),
      /it is for "b.net/,
    ],
    ['for no tag', () => simple(payload(simpleType, digest, 'a.net/team/app'), trusted), /it is for/],
    ['with the type of sigstore', () => simple(payload(sigstoreType), trusted), /type is another/],
    ['by two keys at once', () => simple(payload(simpleType), [trusted, stranger]), /2 signatures/],
    [
      'with a critical key more',
      () => simple(payload(simpleType).replace('"type"', '"not":1,"type"'), trusted),
      /exactly/,
    ],
    [
      'with a key twice',
      () => simple(payload(simpleType).replace('"type"', '"type":"x","type"'), trusted),
      /twice/,
    ],
    [
      'with a key in other letters',
      () => simple(payload(simpleType).replace('"image"', '"Image"'), trusted),
      /exactly/,
    ],
    [
      'with a prototype',
      () => simple(payload(simpleType).replace('"image"', '"__proto__"'), trusted),
      /exactly/,
    ],
    ['with half a second', () => simple(payload(simpleType).replace(':5', ':5.5'), trusted), /timestamp/],
    ['with text after it', () => simple(`${payload(simpleType)}{}`, trusted), /after the end/],
  ])('%s is refused', async (_, make, message) => {
    expect(await decide(signedBy(base64Of(trusted)), [await make()])).toMatch(message);
  });

  it('with a byte changed, cut off, or with no OpenPGP in it is refused', async () => {
    const good = await simple(payload(simpleType), trusted);
    if (good.kind !== 'simple') throw new Error('another kind');
    const changed = Uint8Array.from(good.bytes);
    changed[60] = (changed[60] ?? 0) ^ 1;
    const key = signedBy(base64Of(trusted));
    for (const bytes of [
      changed,
      good.bytes.subarray(0, 100),
      Buffer.from(payload(simpleType)),
      Buffer.alloc(0),
    ]) {
      expect(await decide(key, [{ kind: 'simple', bytes }])).toMatch(/is not accepted/);
    }
  });

  it('by a key that has expired since, or was revoked, is refused', async () => {
    const old = await simple(payload(simpleType), expired, new Date(yearAgo.getTime() + 1000));
    expect(await decide(signedBy(base64Of(expired)), [old])).toMatch(/expired or was revoked/);
    const good = await simple(payload(simpleType), trusted);
    expect(await decide(signedBy(revoked), [good])).toMatch(/expired or was revoked/);
  });

  it.each([
    ['matchExact', '', 'a.net/team/app:1', true],
    ['matchExact', '', 'a.net/team/app:2', false],
    ['matchRepository', '', 'a.net/team/app:2', true],
    ['matchRepository', '', 'a.net/team/app', true],
    ['matchRepository', '', 'a.net/team/ap', false],
    ['exactReference', ',"dockerReference":"c.net/d:1"', 'c.net/d:1', true],
    ['exactReference', ',"dockerReference":"c.net/d:1"', 'a.net/team/app:1', false],
    ['exactRepository', ',"dockerRepository":"c.net/d"', 'c.net/d:9', true],
    ['remapIdentity', ',"prefix":"a.net","signedPrefix":"c.net/x"', 'c.net/x/team/app:1', true],
    ['remapIdentity', ',"prefix":"a.net/tea","signedPrefix":"c.net/x"', 'c.net/xm/app:1', false],
    ['remapIdentity', ',"prefix":"b.net","signedPrefix":"c.net/x"', 'a.net/team/app:1', true],
  ])('under %s%s, signed for %s: %s', async (type, more, name, accepted) => {
    const identity = `,"signedIdentity":{"type":"${type}"${more}}`;
    const signature = await simple(payload(simpleType, digest, name), trusted);
    const decision = await decide(signedBy(base64Of(trusted), identity), [signature]);
    expect(decision === 'accepted').toBe(accepted);
  });

  it('of an image without a name is good only for a policy that says the name', async () => {
    const signature = await simple(payload(simpleType), trusted);
    const exact = ',"signedIdentity":{"type":"exactReference","dockerReference":"a.net/team/app:1"}';
    expect(await decide(signedBy(base64Of(trusted)), [signature], 'dir:/tmp/x')).toMatch(/is not accepted/);
    expect(await decide(signedBy(base64Of(trusted), exact), [signature], 'dir:/tmp/x')).toBe('accepted');
  });

  it('is not there: refused, and a key that cannot be read is named', async () => {
    expect(await decide(signedBy(base64Of(trusted)), [])).toMatch(/there is none/);
    const missing = '{"type":"signedBy","keyType":"GPGKeys","keyPath":"/nowhere/key.gpg"}';
    expect(await decide(missing, [])).toMatch(/\/nowhere\/key\.gpg/);
    expect(await decide(signedBy('YWJj'), [])).toMatch(/no OpenPGP public key/);
  });
});

describe('a sigstore signature', () => {
  const pairs = {
    ecdsa: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ed25519: generateKeyPairSync('ed25519'),
  };
  const pem = (key: KeyObject): string =>
    Buffer.from(key.export({ type: 'spki', format: 'pem' })).toString('base64');
  const requirement = (key: KeyObject, more = ''): string =>
    `{"type":"sigstoreSigned","keyData":"${pem(key)}"${more}}`;
  function sigstore(text: string, key: KeyObject, base64?: (text: string) => string): ImageSignature {
    const bytes = Buffer.from(text);
    const made = signBytes(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key).toString(
      'base64',
    );
    return {
      kind: 'sigstore',
      mimeType: 'application/vnd.dev.cosign.simplesigning.v1+json',
      payload: bytes,
      annotations: new Map([['dev.cosignproject.cosign/signature', base64?.(made) ?? made]]),
    };
  }

  it.each(['ecdsa', 'rsa', 'ed25519'] as const)('by a key of the kind %s is accepted', async (kind) => {
    const { publicKey, privateKey } = pairs[kind];
    expect(await decide(requirement(publicKey), [sigstore(payload(sigstoreType), privateKey)])).toBe(
      'accepted',
    );
  });

  it('without optional members, as cosign makes it, is accepted', async () => {
    const { publicKey, privateKey } = pairs.ecdsa;
    const text = payload(sigstoreType).replace(/"optional":.*$/, '"optional":null}');
    expect(await decide(requirement(publicKey), [sigstore(text, privateKey)])).toBe('accepted');
  });

  it('is refused by another key, for another image, in the other type and in ambiguous base64', async () => {
    const { publicKey, privateKey } = pairs.ecdsa;
    const key = requirement(publicKey);
    const text = payload(sigstoreType);
    expect(await decide(key, [sigstore(text, pairs.rsa.privateKey)])).toMatch(/no trusted key/);
    expect(await decide(key, [sigstore(payload(sigstoreType, other), privateKey)])).toMatch(
      /it is for sha256/,
    );
    expect(await decide(key, [sigstore(payload(simpleType), privateKey)])).toMatch(/type is another/);
    expect(await decide(key, [sigstore(text, privateKey, (made) => `${made}!`)])).toMatch(/not base64/);
    expect(await decide(key, [sigstore(text, privateKey, (made) => ` ${made}`)])).toMatch(/not base64/);
  });

  it('does not stand in for a simple one, nor the other way about', async () => {
    const { publicKey, privateKey } = pairs.ecdsa;
    expect(await decide(signedBy(base64Of(trusted)), [sigstore(payload(sigstoreType), privateKey)])).toMatch(
      /there is none/,
    );
    expect(await decide(requirement(publicKey), [await simple(payload(simpleType), trusted)])).toMatch(
      /there is none/,
    );
  });

  it('that Rekor must know is refused when no log is said to know it', async () => {
    const { publicKey, privateKey } = pairs.ecdsa;
    const rekor = requirement(publicKey, `,"rekorPublicKeyData":"${pem(publicKey)}"`);
    expect(await decide(rekor, [sigstore(payload(sigstoreType), privateKey)])).toMatch(
      /no log has recorded it/,
    );
  });

  it('is not verified by a private key in the place of a public one', async () => {
    const { privateKey } = pairs.ecdsa;
    const data = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })).toString('base64');
    expect(await decide(`{"type":"sigstoreSigned","keyData":"${data}"}`, [])).toMatch(/public key in PEM/);
  });
});

it.each([
  ['docker://a.net/team/app:1', 'a.net/team/app:1'],
  ['docker://a.net/team/app:2', 'a.net/team/app'],
  ['docker://a.net/team/other:1', 'a.net/team'],
  ['docker://a.net/x:1', 'a.net'],
  ['docker://a.net.evil.org/x:1', ''],
  ['docker://sub.b.net:5000/x:1', '*.b.net'],
  ['docker://b.net/x:1', ''],
  ['docker://busybox', 'docker.io/library/busybox'],
])('%s falls under the scope %s, and under no other', async (reference, scope) => {
  const names = [
    'a.net/team/app:1',
    'a.net/team/app',
    'a.net/team',
    'a.net',
    '*.b.net',
    'docker.io/library/busybox',
    '',
  ];
  const table = names.map(
    (name) => `"${name}":[{"type":"${name === scope ? 'insecureAcceptAnything' : 'reject'}"}]`,
  );
  const policy = parsePolicy(`{"default":[{"type":"reject"}],"transports":{"docker":{${table.join(',')}}}}`);
  const image = { reference, manifest, signatures: async () => [] };
  await expect(evaluatePolicy(policy, image)).resolves.toBeUndefined();
  await expect(evaluatePolicy(policy, image, { requireSigned: true })).rejects.toThrow(
    /nothing here verifies/,
  );
});

it('a name with a tag and a digest is no name for a policy, and scopes of a store without its root refuse', async () => {
  const policy = parsePolicy(
    '{"default":[{"type":"insecureAcceptAnything"}],"transports":{"docker":{"":[{"type":"insecureAcceptAnything"}]},"containers-storage":{"[/var/lib/containers/storage]":[{"type":"reject"}]}}}',
  );
  const image = (reference: string) => ({ reference, manifest, signatures: async () => [] });
  await expect(evaluatePolicy(policy, image(`docker://a.net/b:1@${digest}`))).rejects.toThrow(
    /leave one out/,
  );
  await expect(evaluatePolicy(policy, image('containers-storage:a.net/b:1'))).rejects.toThrow(
    /root of this store is not known/,
  );
});

it('a requirement about the layers below refuses every image, as elsewhere', async () => {
  const requirement = '{"type":"signedBaseLayer","baseLayerIdentity":{"type":"matchExact"}}';
  expect(await decide(requirement, [])).toMatch(/signedBaseLayer is not implemented/);
});
