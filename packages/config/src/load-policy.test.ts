// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadPolicy, parsePolicy } from './load-policy.ts';

const signedBy = '"type":"signedBy","keyType":"GPGKeys"';
const sigstore = '"type":"sigstoreSigned"';
const fulcio = '"fulcio":{"caPath":"/c","oidcIssuer":"i","subjectEmail":"e"}';
const one = (requirement: string): string => `{"default":[{${requirement}}]}`;
const identity = (text: string): string => one(`${signedBy},"keyPath":"/k","signedIdentity":${text}`);
const scope = (transport: string, name: string): string =>
  `{"default":[{"type":"reject"}],"transports":{"${transport}":{"${name}":[{"type":"reject"}]}}}`;

it.each([
  ['what accepts anything', one('"type":"insecureAcceptAnything"')],
  ['what rejects', one('"type":"reject"')],
  ['a key file', one(`${signedBy},"keyPath":"/k"`)],
  ['several key files', one(`${signedBy},"keyPaths":["/k","/l"]`)],
  ['a key in the policy, over two lines', one(`${signedBy},"keyData":"YWJj\\nZGVm"`)],
  [
    'a kind of key that nothing verifies',
    one('"type":"signedBy","keyType":"signedByX509CAs","keyPath":"/k"'),
  ],
  ['a sigstore key', one(`${sigstore},"keyPath":"/k"`)],
  ['several sigstore keys in the policy', one(`${sigstore},"keyDatas":["YQ==","Yg=="]`)],
  ['a sigstore key that Rekor must know', one(`${sigstore},"keyPath":"/k","rekorPublicKeyData":"YQ=="`)],
  ['an authority with Rekor', one(`${sigstore},${fulcio},"rekorPublicKeyPaths":["/r"]`)],
  ['an own authority', one(`${sigstore},"pki":{"caRootsPath":"/c","subjectHostname":"h"}`)],
  ['a signed base layer', one('"type":"signedBaseLayer","baseLayerIdentity":{"type":"matchExact"}')],
  ['an exact reference', identity('{"type":"exactReference","dockerReference":"a.net/b:1"}')],
  ['an exact repository', identity('{"type":"exactRepository","dockerRepository":"busybox"}')],
  ['another name', identity('{"type":"remapIdentity","prefix":"a.net:5000","signedPrefix":"b.net/c"}')],
  ['a transport that nobody knows', scope('unknown', 'anything/../at all')],
  ['a folder', scope('dir', '/a/b')],
  ['a layout with a name', scope('oci', '/a/b:1')],
  ['a scope named like a member of every object', scope('__proto__', 'constructor')],
  ['a store', scope('containers-storage', '[overlay@/var/lib/containers/storage]docker.io/library')],
  ['a store without its driver', scope('containers-storage', '[/var/lib/containers/storage]')],
  ['an image of a store by its ID', scope('containers-storage', `[overlay@/s]@${'0a'.repeat(32)}`)],
  ['an image of a store by its digest', scope('containers-storage', `[/s]a.net/b@sha256:${'0a'.repeat(32)}`)],
  [
    'an image of a store by digest and ID',
    scope('containers-storage', `[/s]a.net/b@sha256:${'0a'.repeat(32)}@${'0b'.repeat(32)}`),
  ],
])('%s is a policy', (_, text) => {
  expect(parsePolicy(text).default.length).toBe(1);
});

it.each([
  ['nothing', '', /ends too early/],
  ['a list', '[]', /expected an object/],
  ['no default', '{}', /default is missing/],
  ['an empty list', '{"default":[]}', /at least one requirement/],
  [
    'a second default',
    '{"default":[{"type":"reject"}],"default":[{"type":"insecureAcceptAnything"}]}',
    /twice/,
  ],
  [
    'a second default in other letters',
    '{"default":[{"type":"reject"}],"Default":[]}',
    /unknown key "Default"/,
  ],
  ['a second default by escape', '{"default":[{"type":"reject"}],"d\\u0065fault":[]}', /twice/],
  ['a slip in a key', one(`${signedBy},"keypath":"/k"`), /unknown key "keypath"/],
  ['a type that nobody knows', one('"type":"signedby"'), /type: expected/],
  ['no type', one(''), /type: expected/],
  ['the prototype as a key', one('"type":"reject","__proto__":{}'), /unknown key "__proto__"/],
  ['no key', one(signedBy), /exactly one/],
  ['two places of keys', one(`${signedBy},"keyPath":"/k","keyData":"YQ=="`), /exactly one/],
  ['an empty path beside a key', one(`${signedBy},"keyPath":"","keyData":"YQ=="`), /exactly one/],
  [
    'a kind of key that does not exist',
    one('"type":"signedBy","keyType":"gpgkeys","keyPath":"/k"'),
    /keyType/,
  ],
  ['base64 with a hole', one(`${signedBy},"keyData":"YW Jj"`), /not base64/],
  ['base64 with bits to spare', one(`${signedBy},"keyData":"YR=="`), /not base64/],
  ['base64 for URLs', one(`${signedBy},"keyData":"_-_-"`), /not base64/],
  ['an authority without Rekor', one(`${sigstore},${fulcio}`), /needs a rekorPublicKey/],
  [
    'an authority and a key',
    one(`${sigstore},"keyPath":"/k",${fulcio},"rekorPublicKeyPath":"/r"`),
    /exactly one/,
  ],
  [
    'an authority without a person',
    one(`${sigstore},"fulcio":{"caPath":"/c","oidcIssuer":"i"},"rekorPublicKeyPath":"/r"`),
    /subjectEmail is missing/,
  ],
  [
    'an own authority with Rekor',
    one(`${sigstore},"pki":{"caRootsPath":"/c","subjectEmail":"e"},"rekorPublicKeyPath":"/r"`),
    /takes no/,
  ],
  [
    'an own authority for anyone',
    one(`${sigstore},"pki":{"caRootsPath":"/c"}`),
    /subjectEmail or subjectHostname/,
  ],
  [
    'two Rekor keys',
    one(`${sigstore},"keyPath":"/k","rekorPublicKeyPath":"/r","rekorPublicKeyData":"YQ=="`),
    /only one kind/,
  ],
  [
    'an exact reference without tag',
    identity('{"type":"exactReference","dockerReference":"a.net/b"}'),
    /no tag or digest/,
  ],
  ['an identity of null', identity('null'), /expected an object/],
  ['a store without its root', scope('containers-storage', 'a.net/b'), /at the front/],
  ['a store with no driver before the @', scope('containers-storage', '[@/s]a.net/b'), /at the front/],
  ['a store with a root that is none', scope('containers-storage', '[overlay@s]a.net/b'), /at the front/],
  ['an image of a store by half an ID', scope('containers-storage', '[/s]a.net/b@0a0a'), /ID or a digest/],
  [
    'an image of a store by two IDs',
    scope('containers-storage', `[/s]@${'0a'.repeat(32)}@${'0a'.repeat(32)}`),
    /ID or a digest/,
  ],
  [
    'a key of another identity',
    identity('{"type":"matchExact","dockerReference":"a.net/b:1"}'),
    /unknown key/,
  ],
  [
    'a prefix with a tag',
    identity('{"type":"remapIdentity","prefix":"a.net/b:1","signedPrefix":"c.net"}'),
    /prefix: expected/,
  ],
  ['a relative folder', scope('dir', 'a/b'), /begins with/],
  ['a folder with dots', scope('dir', '/a/../b'), /without/],
  ['the root folder', scope('dir', '/'), /empty scope/],
  ['a scope of an archive', scope('docker-archive', '/a.tar'), /no scope/],
  ['the ID of an image', scope('docker-daemon', `sha256:${'0'.repeat(64)}`), /is no scope/],
  ['text after the end', `${one('"type":"reject"')}x`, /after the end/],
  ['a nest of lists', `${'['.repeat(100_000)}`, /too deeply/],
])('%s is refused', (_, text, message) => {
  expect(() => parsePolicy(text, '/p.json')).toThrow(message);
  expect(() => parsePolicy(text, '/p.json')).toThrow(/^\[invalid_argument\] \/p\.json: |^\/p\.json: /);
});

it('a key of megabytes is read', () => {
  const data = 'YWJj'.repeat(800_000);
  const [requirement] = parsePolicy(one(`${signedBy},"keyData":"${data}"`)).default;
  expect(requirement?.type === 'signedBy' && requirement.keys.data[0]?.length).toBe(2_400_000);
});

it('the user has a policy of their own, a named one counts more, and a missing one is an error', async () => {
  const home = await mkdtemp(join(tmpdir(), 'lading-policy-'));
  onTestFinished(() => rm(home, { recursive: true }));
  await mkdir(join(home, '.config/containers'), { recursive: true });
  await writeFile(join(home, '.config/containers/policy.json'), one('"type":"reject"'));
  await writeFile(join(home, 'named.json'), one('"type":"insecureAcceptAnything"'));
  const env = { HOME: home };
  expect((await loadPolicy({ env })).default).toEqual([{ type: 'reject' }]);
  expect((await loadPolicy({ env, path: join(home, 'named.json') })).default[0]?.type).toBe(
    'insecureAcceptAnything',
  );
  await expect(loadPolicy({ env, path: join(home, 'none.json') })).rejects.toThrow(
    /no signature policy at .*none\.json/,
  );
});
