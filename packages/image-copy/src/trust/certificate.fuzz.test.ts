// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { der, issuerExtension, makeCertificate } from '../../../../tools/test-support/certificates.ts';
import { parseCertificate } from './certificate.ts';
import { verifyChain } from './certificate-chain.ts';
import { emailsOf, fulcioIssuerOf, pathLength } from './certificate-extensions.ts';
import { type DerValue, readDer } from './der.ts';

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
