// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { der, issuerExtension, makeCertificate } from '../../test/certificates.ts';
import { parseCertificate } from './certificate.ts';
import { verifyChain } from './certificate-chain.ts';
import { emailsOf, fulcioIssuerOf, pathLength } from './certificate-extensions.ts';
import { type DerValue, readDer } from './der.ts';
import { parseImageStatement } from './image-statement.ts';
import { parseRekorAnnotation } from './rekor-entry.ts';
import { parseBundle } from './sigstore-bundle.ts';

/** The value, or undefined for what was refused in our words; any other failure is one of the test. */
function known<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof LadingError) return undefined;
    throw error;
  }
}

const written = (values: readonly DerValue[]): Buffer =>
  Buffer.concat(values.map(({ tag, content }) => der(tag, content)));

it('what is read as DER is written in no other way', { timeout: 60_000 }, () => {
  const nested: fc.Arbitrary<Uint8Array> = fc
    .tuple(fc.constantFrom(0x02, 0x04, 0x30, 0xa3, 0x81), fc.uint8Array({ maxLength: 140 }))
    .map(([tag, content]) => der(tag, content));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.array(nested, { maxLength: 3 }).map((parts) => new Uint8Array(Buffer.concat(parts))),
    fc.tuple(nested, fc.nat(), fc.nat(255)).map(([whole, at, byte]) => {
      const changed = Uint8Array.from(whole);
      changed[at % changed.length] = byte;
      return changed;
    }),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      const values = known(() => readDer(input));
      if (values !== undefined) expect(written(values).equals(input)).toBe(true);
    }),
    { numRuns: 100_000 },
  );
});

it('no certificate of which a byte was changed is vouched for', { timeout: 120_000 }, () => {
  const root = makeCertificate({ subject: 'root', authority: {} });
  const leaf = makeCertificate({
    subject: 'leaf',
    issuer: root,
    emails: ['a@b.c'],
    extensions: [issuerExtension('https://x')],
  });
  const options = { roots: [parseCertificate(root.der)], intermediates: [], at: new Date() };
  verifyChain(parseCertificate(leaf.der), options);
  const change = fc.record({
    at: fc.nat(leaf.der.length - 1),
    remove: fc.nat(2),
    put: fc.uint8Array({ maxLength: 2 }),
  });
  fc.assert(
    fc.property(change, ({ at, remove, put }) => {
      const changed = Buffer.concat([leaf.der.subarray(0, at), put, leaf.der.subarray(at + remove)]);
      if (changed.equals(leaf.der)) return;
      const certificate = known(() => parseCertificate(changed));
      if (certificate === undefined) return;
      known(() => [emailsOf(certificate), fulcioIssuerOf(certificate), pathLength(certificate)]);
      const accepted = known(() => {
        verifyChain(certificate, options);
        return true;
      });
      // Bits after the end of the signature's numbers, or an unsigned algorithm, change nothing that was signed.
      if (accepted === true) expect(signedPart(changed)).toEqual(signedPart(leaf.der));
    }),
    { numRuns: 100_000 },
  );
});

/** The part of a certificate that the signature is over. */
function signedPart(bytes: Uint8Array): unknown {
  const [outer] = readDer(bytes);
  const [tbs] = readDer(outer?.content ?? new Uint8Array());
  return Buffer.from(tbs?.content ?? []).toString('hex');
}

it('any text is a bundle, a statement or an entry of a log, or refused in our words', {
  timeout: 60_000,
}, () => {
  const piece = fc.constantFrom(
    ...[
      'mediaType',
      'application/vnd.dev.sigstore.bundle.v0.3+json',
      'dsseEnvelope',
      'payload',
      'payloadType',
    ],
    ...['application/vnd.in-toto+json', 'signatures', 'sig', 'YQ==', 'verificationMaterial', 'tlogEntries'],
    ...['_type', 'https://in-toto.io/Statement/v1', 'subject', 'digest', 'sha256', 'predicateType', 'name'],
    ...['https://sigstore.dev/cosign/sign/v1', 'SignedEntryTimestamp', 'Payload', 'body', 'integratedTime'],
    ...['logID', 'logIndex', 'inclusionPromise', '__proto__', ''],
  );
  const scalar = fc.oneof(piece, fc.constantFrom(null, 1, -1, 1e300, true));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('any'), { maxLength: 2 }),
      fc.dictionary(piece, tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  const text = fc.oneof(
    value.map((found) => JSON.stringify(found)),
    fc.tuple(value, fc.nat()).map(([found, at]) => {
      const whole = JSON.stringify(found);
      return whole.slice(0, at % (whole.length + 1)) + whole.slice((at % (whole.length + 1)) + 1);
    }),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  fc.assert(
    fc.property(text, (input) => {
      const bytes = Buffer.from(input);
      const bundle = known(() => parseBundle(bytes));
      if (bundle !== undefined) known(() => [bundle.entry(), bundle.certificate()]);
      const statement = known(() => parseImageStatement(bytes));
      if (statement !== undefined) expect(statement.digest).toMatch(/^sha(256|512):[0-9a-f]+$/);
      const entry = known(() => parseRekorAnnotation(input));
      if (entry !== undefined) expect(Number.isSafeInteger(entry.integratedTime)).toBe(true);
    }),
    { numRuns: 100_000 },
  );
});
