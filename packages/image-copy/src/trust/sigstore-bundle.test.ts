// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { parsePolicy } from '@lading/config';
import { LadingError } from '@lading/errors';
import { digestBytes } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { issuerExtension, makeCertificate } from '../../../../tools/test-support/certificates.ts';
import { makeLog, type TestLogEntry } from '../../../../tools/test-support/rekor.ts';
import { evaluatePolicy } from './evaluate-policy.ts';

const manifest = Buffer.from('{"schemaVersion":2}');
const digest = await digestBytes(manifest);
const hex = digest.slice(7);
const base64 = (data: Uint8Array | string): string => Buffer.from(data).toString('base64');
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const log = makeLog();
const type = 'application/vnd.in-toto+json';
const byKey = { keyData: base64(pem(pair.publicKey)) };
const byKeyAndLog = { ...byKey, rekorPublicKeyData: base64(pem(log.publicKey)) };

const statement = (subject: object = { digest: { sha256: hex } }, more: object = {}): string =>
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [subject],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
    ...more,
  });

function enveloped(text: string, key: KeyObject = pair.privateKey, payloadType = type) {
  const signed = Buffer.from(
    `DSSEv1 ${payloadType.length} ${payloadType} ${Buffer.byteLength(text)} ${text}`,
  );
  const signature = sign('sha256', signed, key);
  return { payload: base64(text), payloadType, signatures: [{ sig: base64(signature), keyid: '' }] };
}

function entryOf({ Payload, SignedEntryTimestamp }: TestLogEntry): object {
  return {
    logIndex: String(Payload.logIndex),
    logId: { keyId: Buffer.from(Payload.logID, 'hex').toString('base64') },
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime: String(Payload.integratedTime),
    inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
    inclusionProof: {},
    canonicalizedBody: Payload.body,
  };
}

function recorded(text: string, envelope: ReturnType<typeof enveloped>, verifier: string, at?: Date): object {
  const signature = Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64');
  return entryOf(log.record({ signature, payload: Buffer.from(text), verifier, kind: 'dsse' }, at));
}

function bundleOf(dsseEnvelope: object, material: object = {}, more: object = {}): string {
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: 'x' }, ...material },
    dsseEnvelope,
    ...more,
  });
}

async function decide(
  requirement: object,
  bundle: string,
  reference = `docker://a.net/team/app@${digest}`,
): Promise<string> {
  const policy = parsePolicy(JSON.stringify({ default: [{ type: 'sigstoreSigned', ...requirement }] }));
  const image = {
    reference,
    manifest,
    signatures: async () => [],
    bundles: async () => [Buffer.from(bundle)],
  };
  return evaluatePolicy(policy, image).then(
    () => 'accepted',
    (error) => LadingError.from(error).message,
  );
}

describe('a bundle', () => {
  it('of the key for an image that is named by its digest is accepted', async () => {
    expect(await decide(byKey, bundleOf(enveloped(statement())))).toBe('accepted');
    const old = statement(undefined, { _type: 'https://in-toto.io/Statement/v0.1' });
    expect(await decide(byKey, bundleOf(enveloped(old)))).toBe('accepted');
  });

  it.each<[string, object, string, string, boolean]>([
    ['no name, image by tag', {}, 'a.net/team/app:1', '', false],
    [
      'no name, image by tag, any tag of the repository',
      { type: 'matchRepository' },
      'a.net/team/app:1',
      '',
      false,
    ],
    [
      'no name, image by digest, any tag of the repository',
      { type: 'matchRepository' },
      `a.net/team/app@${digest}`,
      '',
      false,
    ],
    [
      'no name, image by digest, the exact name',
      { type: 'matchExact' },
      `a.net/team/app@${digest}`,
      '',
      false,
    ],
    ['the name, image by tag', {}, 'a.net/team/app:1', 'a.net/team/app:1', true],
    ['another name, image by tag', {}, 'a.net/team/app:1', 'a.net/team/app:2', false],
    ['another repository, image by digest', {}, `a.net/team/app@${digest}`, 'a.net/team/other:1', false],
    ['the name, image by digest', {}, `a.net/team/app@${digest}`, 'a.net/team/app:9', true],
  ])('with %s', async (_, identity, reference, name, accepted) => {
    const subject = { ...(name === '' ? {} : { name }), digest: { sha256: hex } };
    const signedIdentity = Object.keys(identity).length === 0 ? {} : { signedIdentity: identity };
    const found = await decide(
      { ...byKey, ...signedIdentity },
      bundleOf(enveloped(statement(subject))),
      `docker://${reference}`,
    );
    expect(found === 'accepted').toBe(accepted);
  });

  it('that the log has recorded is accepted where a log is asked for', async () => {
    const envelope = enveloped(statement());
    const tlogEntries = [recorded(statement(), envelope, pem(pair.publicKey))];
    expect(await decide(byKeyAndLog, bundleOf(envelope, { tlogEntries }))).toBe('accepted');
    expect(await decide(byKeyAndLog, bundleOf(envelope))).toMatch(/no log has recorded it/);
  });

  it('with a certificate of Fulcio is accepted for the person, and refused for another', async () => {
    const past = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
    const root = makeCertificate({ subject: 'root', authority: {}, notBefore: past(1000) });
    const leaf = makeCertificate({
      subject: 'leaf',
      issuer: root,
      emails: ['dev@example.com'],
      extensions: [issuerExtension('https://login.example.com')],
      notBefore: past(70),
      notAfter: past(60),
    });
    const envelope = enveloped(statement(), leaf.privateKey);
    const requirement = (subjectEmail: string): object => ({
      fulcio: { caData: base64(root.pem), oidcIssuer: 'https://login.example.com', subjectEmail },
      rekorPublicKeyData: base64(pem(log.publicKey)),
    });
    const inTime = [recorded(statement(), envelope, leaf.pem, past(65))];
    const late = [recorded(statement(), envelope, leaf.pem, past(50))];
    const certificate = { rawBytes: base64(leaf.der) };
    const ways = [
      { certificate },
      { x509CertificateChain: { certificates: [certificate, { rawBytes: base64(root.der) }] } },
    ];
    for (const way of ways) {
      const bundle = bundleOf(envelope, { ...way, tlogEntries: inTime });
      expect(await decide(requirement('dev@example.com'), bundle)).toBe('accepted');
      expect(await decide(requirement('evil@example.com'), bundle)).toMatch(/it is for "dev@example.com"/);
      expect(
        await decide(requirement('dev@example.com'), bundleOf(envelope, { ...way, tlogEntries: late })),
      ).toMatch(/not valid at/);
    }
    const pki = { pki: { caRootsData: base64(root.pem), subjectEmail: 'dev@example.com' } };
    expect(await decide(pki, bundleOf(envelope, { certificate }))).toMatch(/not valid at/);
  });

  const good = enveloped(statement());
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  it.each<[string, string, RegExp]>([
    ['by another key', bundleOf(enveloped(statement(), other.privateKey)), /no trusted key made it/],
    [
      'of another image',
      bundleOf(enveloped(statement({ digest: { sha256: '0'.repeat(64) } }))),
      /it is for sha256:000/,
    ],
    [
      'of two images',
      bundleOf(
        enveloped(
          statement(undefined, { subject: [{ digest: { sha256: hex } }, { digest: { sha256: hex } }] }),
        ),
      ),
      /several things/,
    ],
    [
      'of two digests',
      bundleOf(enveloped(statement({ digest: { sha256: hex, sha512: hex + hex } }))),
      /not about one digest/,
    ],
    [
      'of a digest that is none',
      bundleOf(enveloped(statement({ digest: { sha256: '../..' } }))),
      /not about one digest/,
    ],
    ['of nothing', bundleOf(enveloped(statement(undefined, { subject: [] }))), /not about one digest/],
    [
      'that tells how the image was built',
      bundleOf(enveloped(statement(undefined, { predicateType: 'https://slsa.dev/provenance/v1' }))),
      /no signature of cosign/,
    ],
    [
      'of another kind of statement',
      bundleOf(enveloped(statement(undefined, { _type: 'x' }))),
      /no statement of in-toto/,
    ],
    [
      'with a digest twice',
      bundleOf(enveloped(statement().replace('"sha256"', '"sha256":"x","sha256"'))),
      /twice/,
    ],
    [
      'of another type of text',
      bundleOf(enveloped(statement(), pair.privateKey, 'text/plain')),
      /no statement of in-toto/,
    ],
    [
      'whose type was swapped after signing',
      bundleOf({ ...enveloped(statement(), pair.privateKey, 'text/plain'), payloadType: type }),
      /no trusted key made it/,
    ],
    [
      'with a text that was changed',
      bundleOf({ ...good, payload: base64(statement().replace('v1', 'v2')) }),
      /no trusted key made it/,
    ],
    [
      'with two signatures',
      bundleOf({ ...good, signatures: [...good.signatures, ...good.signatures] }),
      /exactly one signature/,
    ],
    ['with no signature', bundleOf({ ...good, signatures: [] }), /exactly one signature/],
    ['with a signature that is no base64', bundleOf({ ...good, signatures: [{ sig: '!' }] }), /base64/],
    [
      'of another version',
      bundleOf(good, {}, { mediaType: 'application/vnd.dev.sigstore.bundle.v9+json' }),
      /mediaType is not known/,
    ],
    ['without an envelope', bundleOf({}), /no statement of in-toto/],
    ['that is junk', 'junk', /JSON/],
    ['that is empty', '', /JSON/],
  ])('%s is refused', async (_, bundle, message) => {
    expect(await decide(byKey, bundle)).toMatch(message);
  });

  const inLog = recorded(statement(), good, pem(pair.publicKey));
  it.each<[string, readonly object[], RegExp]>([
    ['of another statement', [recorded('{}', good, pem(pair.publicKey))], /another text/],
    [
      'of another signature',
      [recorded(statement(), enveloped(statement()), pem(pair.publicKey))],
      /another signature/,
    ],
    ['of another key', [recorded(statement(), good, pem(other.publicKey))], /another key/],
    ['of Rekor 2, which signs no time', [{ ...inLog, inclusionPromise: undefined }], /not supported/],
    ['with another time', [{ ...inLog, integratedTime: '1' }], /no trusted log/],
    ['with a time that is no number', [{ ...inLog, integratedTime: '1e3' }], /no whole number/],
    ['without a body', [{ ...inLog, canonicalizedBody: undefined }], /canonicalizedBody/],
    ['beside another', [inLog, inLog], /several logs/],
  ])('with an entry %s is refused', async (_, tlogEntries, message) => {
    expect(await decide(byKeyAndLog, bundleOf(good, { tlogEntries }))).toMatch(message);
  });

  it('is not asked for where a signature by tag is accepted, or nothing asks for a signature', async () => {
    const policy = parsePolicy('{"default":[{"type":"insecureAcceptAnything"}]}');
    const never = async (): Promise<never> => {
      throw new Error('asked');
    };
    await evaluatePolicy(policy, {
      reference: 'docker://a.net/b:1',
      manifest,
      signatures: never,
      bundles: never,
    });
  });
});
