// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRateLimit } from './rate-limit.ts';

const headersOf = (headers: Readonly<Record<string, string>>) => new Headers(headers);
const nothing = { limit: undefined, remaining: undefined, resetSeconds: undefined, policies: [] };

it.each<[Readonly<Record<string, string>>, object | undefined]>([
  [{}, undefined],
  [{ 'ratelimit-limit': '' }, undefined],
  [
    { 'RateLimit-Limit': '100;w=21600', 'RateLimit-Remaining': '76;w=21600' },
    { ...nothing, limit: 100, remaining: 76, policies: ['100;w=21600'] },
  ],
  [
    { 'ratelimit-limit': '10, 10;w=1, 50;w=60', 'ratelimit-remaining': '9', 'ratelimit-reset': '5' },
    { limit: 10, remaining: 9, resetSeconds: 5, policies: ['10;w=1', '50;w=60'] },
  ],
  [
    { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '0' },
    { ...nothing, limit: 5000, remaining: 0 },
  ],
  [
    { 'ratelimit-limit': '-1', 'ratelimit-remaining': '1e9', 'ratelimit-policy': '7;w=1' },
    { ...nothing, policies: ['7;w=1'] },
  ],
  [{ 'ratelimit-reset': '99999999999999999999' }, nothing],
])('reads %j', (headers, expected) => expect(parseRateLimit(headersOf(headers))).toEqual(expected));

it('whatever a server says are whole numbers and short lines', () => {
  const text = fc.oneof(fc.stringMatching(/^[0-9;w=, -]{0,40}$/), fc.stringMatching(/^[ -~]{0,300}$/));
  fc.assert(
    fc.property(text, text, (limit, policy) => {
      const found = parseRateLimit(headersOf({ 'ratelimit-limit': limit, 'ratelimit-policy': policy }));
      if (found === undefined) return;
      expect(found.limit === undefined || Number.isSafeInteger(found.limit)).toBe(true);
      expect(found.policies.length).toBeLessThanOrEqual(40);
      for (const one of found.policies) expect(one.length).toBeLessThan(120);
    }),
    { numRuns: 20_000 },
  );
});
