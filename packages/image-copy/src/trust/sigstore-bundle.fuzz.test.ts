// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
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
