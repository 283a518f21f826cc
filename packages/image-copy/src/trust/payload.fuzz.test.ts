// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseSignatureFile } from './image-signature.ts';
import { parsePayload, payloadTypes } from './payload.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const payload = fc
  .record({
    critical: fc.record({
      type: fc.constantFrom(...Object.values(payloadTypes), 'x'),
      image: fc.constant({ 'docker-manifest-digest': digest }),
      identity: fc.record({ 'docker-reference': fc.constantFrom('a.net/b:1', '', '"') }),
    }),
    optional: fc.oneof(
      fc.constant(null),
      fc.dictionary(fc.constantFrom('creator', 'timestamp', 'x'), fc.json(), { maxKeys: 1 }),
    ),
  })
  .map((value) => JSON.stringify(value));
const mutated = fc
  .tuple(payload, fc.nat(), fc.constantFrom('', '"', '{', '}', '\0', ',', '\\u0069', '\ufeff', '"type":1,'))
  .map(([whole, at, put]) => {
    const place = at % (whole.length + 1);
    return whole.slice(0, place) + put + whole.slice(place + 1);
  });
const bytes = fc.oneof(
  { weight: 4, arbitrary: payload.map((text) => Buffer.from(text)) },
  { weight: 4, arbitrary: mutated.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)) },
);

it('what is read as a signed text says the same to every reader of JSON', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(bytes, fc.constantFrom('simple' as const, 'sigstore' as const), (input, kind) => {
      let claim: ReturnType<typeof parsePayload>;
      try {
        claim = parsePayload(input, kind);
      } catch (error) {
        if (!(error instanceof LadingError)) throw error;
        return;
      }
      expect(JSON.parse(input.toString()).critical).toEqual({
        type: payloadTypes[kind],
        image: { 'docker-manifest-digest': claim.digest },
        identity: { 'docker-reference': claim.dockerReference },
      });
    }),
    { numRuns: 100_000 },
  );
});

it('any bytes are a signature file or refused, and OpenPGP is kept as it is', { timeout: 60_000 }, () => {
  const prefix = fc.constantFrom(
    '',
    '\0',
    '\0sigstore-json\n',
    '\0simple-signing\n',
    '\0sigstore-json\n{"mimeType":"x","payload":"YQ==","annotations":',
    '\x88',
  );
  fc.assert(
    fc.property(prefix, bytes, (start, rest) => {
      const input = Buffer.concat([Buffer.from(start, 'latin1'), rest]);
      try {
        const found = parseSignatureFile(input);
        if (found.kind === 'simple' && (input[0] ?? 0) >= 0x80)
          expect(Buffer.compare(found.bytes, input)).toBe(0);
        else if (found.kind === 'simple') expect(start).toBe('\0simple-signing\n');
        else expect(start).toContain('sigstore-json');
      } catch (error) {
        if (!(error instanceof LadingError)) throw error;
      }
    }),
    { numRuns: 100_000 },
  );
});
