// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { parsePolicy } from '@lading/config';
import { LadingError } from '@lading/errors';
import { digestBytes } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import {
  der,
  issuerExtension,
  makeCertificate,
  objectId,
  type TestCertificate,
  type TestCertificateOptions,
} from '../../../../tools/test-support/certificates.ts';
import { makeLog, type TestLogEntry, type TestLogSubject } from '../../../../tools/test-support/rekor.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { ImageSignature } from './image-signature.ts';

const manifest = Buffer.from('{"schemaVersion":2}');
const digest = await digestBytes(manifest);
const name = 'a.net/team/app:1';
const payload = Buffer.from(
  JSON.stringify({
    critical: {
      identity: { 'docker-reference': name },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: null,
  }),
);
const base64 = (data: Uint8Array | string): string => Buffer.from(data).toString('base64');
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const minute = 60_000;
const now = Date.now();

const root = makeCertificate({ subject: 'root', authority: {} });
const stranger = makeCertificate({ subject: 'root', authority: {} });
const middle = makeCertificate({ subject: 'middle', issuer: root, authority: { pathLength: 0 } });
const log = makeLog();
const otherLog = makeLog();
const issuer = 'https://login.example.com';
const email = 'dev@example.com';

/** A certificate as Fulcio makes it: for ten minutes, an hour ago. */
function fulcioLeaf(options: Partial<TestCertificateOptions> = {}): TestCertificate {
  return makeCertificate({
    subject: 'leaf',
    issuer: middle,
    notBefore: new Date(now - 70 * minute),
    notAfter: new Date(now - 60 * minute),
    emails: [email],
    extensions: [issuerExtension(issuer)],
    ...options,
  });
}
const signedAt = new Date(now - 65 * minute);
const oldRoot = makeCertificate({ subject: 'root', authority: {}, notBefore: new Date(now - 1000 * minute) });
const oldMiddle = makeCertificate({
  subject: 'middle',
  issuer: oldRoot,
  authority: { pathLength: 0 },
  notBefore: new Date(now - 1000 * minute),
});

interface Made {
  readonly leaf?: TestCertificate;
  readonly chain?: readonly TestCertificate[];
  readonly entry?: TestLogEntry | string | undefined;
  readonly subject?: Partial<TestLogSubject>;
  readonly at?: Date;
  readonly signWith?: KeyObject;
}

function made({
  leaf = fulcioLeaf({ issuer: oldMiddle }),
  chain = [oldMiddle, oldRoot],
  ...more
}: Made = {}): ImageSignature {
  const signature = sign('sha256', payload, more.signWith ?? leaf.privateKey);
  const subject = { signature, payload, verifier: leaf.pem, ...more.subject };
  const entry = 'entry' in more ? more.entry : log.record(subject, more.at ?? signedAt);
  const annotations = new Map([
    ['dev.cosignproject.cosign/signature', base64(signature)],
    ['dev.sigstore.cosign/certificate', leaf.pem],
    ['dev.sigstore.cosign/chain', chain.map((one) => one.pem).join('')],
  ]);
  if (entry !== undefined) {
    annotations.set('dev.sigstore.cosign/bundle', typeof entry === 'string' ? entry : JSON.stringify(entry));
  }
  return {
    kind: 'sigstore',
    mimeType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    payload,
    annotations,
  };
}

async function decide(requirement: object, signature: ImageSignature): Promise<string> {
  const policy = parsePolicy(JSON.stringify({ default: [{ type: 'sigstoreSigned', ...requirement }] }));
  const image = { reference: `docker://${name}`, manifest, signatures: async () => [signature] };
  return evaluatePolicy(policy, image).then(
    () => 'accepted',
    (error) => LadingError.from(error).message,
  );
}

const fulcio = {
  fulcio: { caData: base64(oldRoot.pem), oidcIssuer: issuer, subjectEmail: email },
  rekorPublicKeyData: base64(pem(log.publicKey)),
};
const both = { ...fulcio, rekorPublicKeyData: undefined };

describe('a signature with a certificate of Fulcio', () => {
  it('is accepted long after the certificate expired, for the log has seen it in time', async () => {
    expect(await decide(fulcio, made())).toBe('accepted');
    const keys = [otherLog, log].map(({ publicKey }) => base64(pem(publicKey)));
    expect(await decide({ ...both, rekorPublicKeyDatas: keys }, made())).toBe('accepted');
  });

  it.each<[string, Partial<TestCertificateOptions>]>([
    ['with its issuer in the first form', { extensions: [issuerExtension(issuer, 1)] }],
    ['with its issuer in both forms', { extensions: [issuerExtension(issuer), issuerExtension(issuer, 1)] }],
    ['for several people', { emails: ['other@example.com', email] }],
    ['without purposes', { purposes: [] }],
    ['for any purpose', { purposes: ['2.5.29.37.0'] }],
    ['straight from the root', { issuer: oldRoot }],
  ])('%s is accepted', async (_, options) => {
    expect(await decide(fulcio, made({ leaf: fulcioLeaf({ issuer: oldMiddle, ...options }) }))).toBe(
      'accepted',
    );
  });

  it.each<[string, Partial<TestCertificateOptions>, RegExp]>([
    [
      'another issuer',
      { extensions: [issuerExtension('https://evil.example.com')] },
      /its issuer is "https:\/\/evil/,
    ],
    ['no issuer', { extensions: [] }, /its issuer is ""/],
    [
      'two issuers that differ',
      { extensions: [issuerExtension(issuer), issuerExtension('x', 1)] },
      /two issuers that differ/,
    ],
    [
      'an issuer twice',
      { extensions: [issuerExtension(issuer), issuerExtension(issuer)] },
      /an extension twice/,
    ],
    [
      'an issuer with text after it',
      {
        extensions: [
          {
            id: '1.3.6.1.4.1.57264.1.8',
            value: Buffer.concat([issuerExtension(issuer).value, Buffer.of(5, 0)]),
          },
        ],
      },
      /an issuer that is no text/,
    ],
    ['another person', { emails: ['evil@example.com'] }, /it is for "evil@example.com"/],
    ['the person with a NUL in the name', { emails: [`${email}\0.evil.com`] }, /no text/],
    ['the person in other letters', { emails: ['Dev@example.com'] }, /it is for "Dev/],
    ['no person but a host of that name', { emails: [], hosts: [email] }, /it is for/],
    ['the purpose of a server', { purposes: ['1.3.6.1.5.5.7.3.1'] }, /not for signatures/],
    ['another authority of the same name', { issuer: stranger }, /no trusted authority/],
    ['itself alone', { issuer: undefined as never }, /no trusted authority/],
    ['a hash that can be forged', { hash: 'sha1' }, /no trusted authority/],
    [
      'a condition that is not known',
      { extensions: [issuerExtension(issuer), { id: '1.2.3.4', isCritical: true, value: der(0x05) }] },
      /critical extension 1\.2\.3\.4/,
    ],
    ['a time before the log saw it', { notAfter: new Date(now - 66 * minute) }, /not valid at/],
    ['a time after the log saw it', { notBefore: new Date(now - 64 * minute) }, /not valid at/],
  ])('is refused for a certificate with %s', async (_, options, message) => {
    const { issuer: above = oldMiddle, ...rest } = options;
    const leaf =
      'issuer' in options && options.issuer === undefined
        ? makeCertificate({
            subject: 'leaf',
            emails: [email],
            extensions: [issuerExtension(issuer)],
            notBefore: new Date(now - 70 * minute),
          })
        : fulcioLeaf({ issuer: above, ...rest });
    expect(await decide(fulcio, made({ leaf }))).toMatch(message);
  });

  it.each<[string, () => Made, RegExp]>([
    ['the way to the root is missing', () => ({ chain: [] }), /no trusted authority/],
    [
      'the way leads over what is no authority',
      () => {
        const notCa = makeCertificate({
          subject: 'middle',
          issuer: oldRoot,
          notBefore: new Date(now - 1000 * minute),
        });
        return { leaf: fulcioLeaf({ issuer: notCa }), chain: [notCa, oldRoot] };
      },
      /of no authority/,
    ],
    [
      'an authority stands where none may',
      () => {
        const second = makeCertificate({
          subject: 'second',
          issuer: oldMiddle,
          authority: {},
          notBefore: new Date(now - 1000 * minute),
        });
        return { leaf: fulcioLeaf({ issuer: second }), chain: [second, oldMiddle, oldRoot] };
      },
      /longer than an authority allows/,
    ],
    [
      'an authority has name constraints',
      () => {
        const bound = makeCertificate({
          subject: 'middle',
          issuer: oldRoot,
          authority: {},
          notBefore: new Date(now - 1000 * minute),
          extensions: [
            {
              id: '2.5.29.30',
              isCritical: true,
              value: der(0x30, der(0xa0, der(0x30, der(0x81, Buffer.from('example.com'))))),
            },
          ],
        });
        return { leaf: fulcioLeaf({ issuer: bound }), chain: [bound, oldRoot] };
      },
      /name constraints/,
    ],
    [
      'the authorities were not valid yet',
      () => ({ leaf: fulcioLeaf(), chain: [middle, root] }),
      /not valid at/,
    ],
    [
      'the chain is junk',
      () => ({ leaf: { ...fulcioLeaf({ issuer: oldMiddle }), pem: 'junk' } }),
      /no certificates in PEM/,
    ],
    [
      'there are two certificates',
      () => ({ leaf: { ...fulcioLeaf(), pem: root.pem + root.pem } }),
      /there are several/,
    ],
  ])('is refused when %s', async (_, make, message) => {
    expect(await decide(fulcio, made(make()))).toMatch(message);
  });

  it('is refused when another key than that of the certificate signed', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await decide(fulcio, made({ signWith: privateKey }))).toMatch(/no trusted key made it/);
  });

  it('is refused when the policy has no certificate, or its log is of no known kind', async () => {
    const bad = { ...fulcio, fulcio: { ...fulcio.fulcio, caData: base64('junk') } };
    expect(await decide(bad, made())).toMatch(/fulcio holds no certificates in PEM/);
    const { publicKey } = generateKeyPairSync('ed25519');
    const log = { ...fulcio, rekorPublicKeyData: base64(pem(publicKey)) };
    expect(await decide(log, made())).toMatch(/no ECDSA key/);
  });
});

describe('the entry of a log', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const second = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const requirement = {
    keyDatas: [base64(pem(second.publicKey)), base64(pem(pair.publicKey))],
    rekorPublicKeyData: base64(pem(log.publicKey)),
  };
  const signature = sign('sha256', payload, pair.privateKey);
  const subject: TestLogSubject = { signature, payload, verifier: pem(pair.publicKey) };
  const withEntry = (entry: TestLogEntry | string | undefined): ImageSignature => {
    const annotations = new Map([['dev.cosignproject.cosign/signature', base64(signature)]]);
    const text = typeof entry === 'object' ? JSON.stringify(entry) : entry;
    if (text !== undefined) annotations.set('dev.sigstore.cosign/bundle', text);
    return {
      kind: 'sigstore',
      mimeType: 'application/vnd.dev.cosign.simplesigning.v1+json',
      payload,
      annotations,
    };
  };
  const recorded = log.record(subject);
  const changed = (change: Partial<TestLogEntry['Payload']>): TestLogEntry => ({
    ...recorded,
    Payload: { ...recorded.Payload, ...change },
  });

  it('of this signature by a trusted key is accepted, whatever else is trusted', async () => {
    expect(await decide(requirement, withEntry(recorded))).toBe('accepted');
    expect(await decide(requirement, withEntry(JSON.stringify(recorded, null, 2)))).toBe('accepted');
  });

  it.each<[string, () => TestLogEntry | string | undefined, RegExp]>([
    ['is missing', () => undefined, /no log has recorded it/],
    ['is by another log', () => otherLog.record(subject), /no trusted log/],
    [
      'is of another key',
      () => log.record({ ...subject, verifier: pem(second.publicKey) }),
      /no trusted key made it/,
    ],
    [
      'is of a key that is not trusted',
      () => log.record({ ...subject, verifier: pem(otherLog.publicKey) }),
      /another key/,
    ],
    [
      'is of another signature',
      () => log.record({ ...subject, signature: sign('sha256', payload, pair.privateKey) }),
      /another signature/,
    ],
    ['is of another text', () => log.record({ ...subject, payload: Buffer.from('else') }), /another text/],
    [
      'is of another kind',
      () => log.record({ ...subject, change: (body) => body.replace('hashedrekord', 'rpm') }),
      /kind that is not known/,
    ],
    [
      'is of another version',
      () => log.record({ ...subject, change: (body) => body.replace('0.0.1', '0.0.2') }),
      /kind that is not known/,
    ],
    [
      'has another hash',
      () => log.record({ ...subject, change: (body) => body.replace('"sha256"', '"sha512"') }),
      /another text/,
    ],
    [
      'has a member twice',
      () => log.record({ ...subject, change: (body) => body.replace('"kind"', '"kind":"x","kind"') }),
      /twice/,
    ],
    [
      'has no signature',
      () => log.record({ ...subject, change: (body) => body.replace('"content"', '"other"') }),
      /missing/,
    ],
    [
      'has a key with more after it',
      () => log.record({ ...subject, verifier: `${pem(pair.publicKey)}more` }),
      /another key/,
    ],
    ['is no JSON inside', () => log.record({ ...subject, change: () => 'junk' }), /JSON/],
    [
      'has another time than the log signed',
      () => changed({ integratedTime: recorded.Payload.integratedTime + 1 }),
      /no trusted log/,
    ],
    ['has another number than the log signed', () => changed({ logIndex: 8 }), /no trusted log/],
    ['has another log than the log signed', () => changed({ logID: 'ff' }), /no trusted log/],
    ['has half a second', () => changed({ integratedTime: 1.5 }), /number is missing/],
    [
      'has a time too large',
      () => JSON.stringify(recorded).replace(/"integratedTime":\d+/, '"integratedTime":1e300'),
      /number is missing/,
    ],
    ['has a member more', () => JSON.stringify({ ...recorded, more: 1 }), /not the members/],
    ['has no timestamp', () => JSON.stringify({ ...recorded, SignedEntryTimestamp: '' }), /no trusted log/],
    [
      'has a timestamp that is no base64',
      () => JSON.stringify({ ...recorded, SignedEntryTimestamp: '!' }),
      /base64/,
    ],
    ['is a list', () => '[]', /not the members/],
    ['is junk', () => 'junk', /JSON/],
  ])('that %s refuses', async (_, make, message) => {
    expect(await decide(requirement, withEntry(make()))).toMatch(message);
  });
});

describe('a signature with a certificate of an authority of our own', () => {
  const pki = { caRootsData: base64(root.pem), subjectEmail: email };
  const leafOf = (options: Partial<TestCertificateOptions> = {}): TestCertificate =>
    makeCertificate({
      subject: 'leaf',
      issuer: middle,
      emails: [email],
      hosts: ['build.example.com', '*.wild.example.com'],
      ...options,
    });
  const signed = (options: Partial<TestCertificateOptions> = {}, chain = [middle, root]): ImageSignature =>
    made({ leaf: leafOf(options), chain, entry: undefined });

  it.each<[string, object, ImageSignature]>([
    ['the mail address', pki, signed()],
    ['the host', { ...pki, subjectEmail: undefined, subjectHostname: 'build.example.com' }, signed()],
    [
      'a host under a wildcard',
      { ...pki, subjectEmail: undefined, subjectHostname: 'a.wild.example.com' },
      signed(),
    ],
    ['both', { ...pki, subjectHostname: 'build.example.com' }, signed()],
    [
      'the way to the root in the policy',
      { ...pki, caIntermediatesData: base64(middle.pem) },
      signed({}, []),
    ],
    ['a root beside others', { ...pki, caRootsData: base64(stranger.pem + root.pem) }, signed()],
  ])('is accepted by %s', async (_, requirement, signature) => {
    expect(await decide({ pki: requirement }, signature)).toBe('accepted');
  });

  it.each<[string, object, ImageSignature, RegExp]>([
    ['another mail address', { ...pki, subjectEmail: 'x@y.z' }, signed(), /it is for "dev@/],
    ['another host', { ...pki, subjectHostname: 'evil.example.com' }, signed(), /not for the host/],
    [
      'a host two levels under a wildcard',
      { ...pki, subjectHostname: 'a.b.wild.example.com' },
      signed(),
      /not for the host/,
    ],
    [
      'a host in the common name alone',
      { ...pki, subjectHostname: 'leaf' },
      signed({ hosts: [] }),
      /not for the host/,
    ],
    ['an expired certificate', pki, signed({ notAfter: new Date(now - minute) }), /not valid at/],
    ['a certificate of tomorrow', pki, signed({ notBefore: new Date(now + 50 * minute) }), /not valid at/],
    ['the purpose of a client', pki, signed({ purposes: ['1.3.6.1.5.5.7.3.2'] }), /not for signatures/],
    ['another authority', { ...pki, caRootsData: base64(stranger.pem) }, signed(), /no trusted authority/],
    ['an authority without a way there', pki, signed({}, []), /no trusted authority/],
    [
      'authorities that vouch for each other',
      pki,
      (() => {
        const a = makeCertificate({
          subject: 'a',
          issuer: makeCertificate({ subject: 'b', authority: {} }),
          authority: {},
        });
        const b = makeCertificate({ subject: 'b', issuer: a, authority: {} });
        return signed({ issuer: a }, [a, b, a, b, a]);
      })(),
      /no trusted authority/,
    ],
    [
      'intermediates that are junk',
      { ...pki, caIntermediatesData: base64('junk') },
      signed(),
      /pki holds no certificates/,
    ],
  ])('is refused for %s', async (_, requirement, signature, message) => {
    expect(await decide({ pki: requirement }, signature)).toMatch(message);
  });

  it('is accepted by itself, where it is its own root', async () => {
    const leaf = leafOf();
    const itself = { ...pki, caRootsData: base64(leaf.pem) };
    expect(await decide({ pki: itself }, made({ leaf, chain: [], entry: undefined }))).toBe('accepted');
  });

  it('is refused without a certificate', async () => {
    const bare = signed();
    if (bare.kind !== 'sigstore') throw new Error('another kind');
    const annotations = new Map([...bare.annotations].filter(([key]) => !key.includes('certificate')));
    expect(await decide({ pki }, { ...bare, annotations })).toMatch(/it has no certificate/);
  });
});

it('an object identifier is written as it is read', async () => {
  expect(objectId('1.3.6.1.4.1.57264.1.8').toString('hex')).toBe('060a2b0601040183bf300108');
});
