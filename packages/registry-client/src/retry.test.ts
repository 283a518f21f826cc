// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { expect, it } from 'vitest';
import { type RetryOptions, withRetries } from './retry.ts';

async function runFailing(error: LadingError, failures: number, options: RetryOptions = {}) {
  const waits: number[] = [];
  let calls = 0;
  const pause = async (waitMs: number) => void waits.push(waitMs);
  const outcome = withRetries({ ...options, pause }, undefined, async () => {
    calls += 1;
    if (calls <= failures) throw error;
    return 'done';
  });
  return { result: await outcome.catch((reason: unknown) => reason), calls: calls, waits };
}

const unavailable = new LadingError(Code.Unavailable, 'x', { reason: 'ECONNRESET' });

it('pauses grow from half a second, give or take a quarter', async () => {
  const { result, waits } = await runFailing(unavailable, 3);
  expect(result).toBe('done');
  for (const [index, base] of [500, 1000, 2000].entries()) {
    expect(waits[index]).toBeGreaterThanOrEqual(base * 0.75);
    expect(waits[index]).toBeLessThanOrEqual(base * 1.25);
  }
});

it('pauses and tries are as many as one wants, but for what the server says', async () => {
  const options = { attempts: 3, delayMs: 70 };
  expect(await runFailing(unavailable, 9, options)).toMatchObject({ calls: 3, waits: [70, 70] });
  const asking = new LadingError(Code.Unavailable, 'x', { details: { retryAfterMs: 5 } });
  expect((await runFailing(asking, 9, options)).waits).toEqual([5, 5]);
});

it('the fourth failure is the last', async () => {
  expect(await runFailing(unavailable, 9)).toMatchObject({ result: unavailable, calls: 4 });
});

it.each([
  ['a name that does not resolve', new LadingError(Code.Unavailable, 'x', { reason: 'ENOTFOUND' })],
  ['a port that nobody listens on', new LadingError(Code.Unavailable, 'x', { reason: 'ECONNREFUSED' })],
  ['what is not there', new LadingError(Code.NotFound, 'x')],
  ['a body that is too long', new LadingError(Code.ResourceExhausted, 'x', { reason: 'BODY_TOO_LARGE' })],
  [
    'an hour of Retry-After',
    new LadingError(Code.Unavailable, 'x', { details: { retryAfterMs: 3_600_000 } }),
  ],
])('%s is not tried again', async (_, error) => {
  expect(await runFailing(error, 9)).toMatchObject({ result: error, calls: 1 });
});
