// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert';
import { describe, expect, it, vi } from 'vitest';
import { Code, codeOfGrpcStatus, grpcStatusOf, hasCode, LadingError } from './index.ts';

describe('LadingError.from', () => {
  const cases: [string, unknown, Code, string | undefined][] = [
    [
      'keeps the code of a missing file',
      Object.assign(new Error('x'), { code: 'ENOENT' }),
      Code.NotFound,
      'ENOENT',
    ],
    [
      'finds the errno in a cause',
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
      Code.Unavailable,
      'ECONNREFUSED',
    ],
    ['takes an abort for a cancellation', new DOMException('stop', 'AbortError'), Code.Canceled, undefined],
    [
      'takes a time-out for a passed deadline',
      new DOMException('late', 'TimeoutError'),
      Code.DeadlineExceeded,
      undefined,
    ],
    [
      'does not look names up in Object.prototype',
      Object.assign(new Error('x'), { code: 'constructor' }),
      Code.Unknown,
      undefined,
    ],
    ['wraps a thrown string', 'boom', Code.Unknown, undefined],
    ['wraps undefined', undefined, Code.Unknown, undefined],
  ];
  it.each(cases)('%s', (_name, value, code, reason) => {
    const error = LadingError.from(value);
    expect(error).toBeInstanceOf(LadingError);
    expect({ code: error.code, reason: error.reason, cause: error.cause }).toEqual({
      code,
      reason,
      cause: value,
    });
  });

  it.each([
    ['UNKNOWN', 'UNKNOWN: unknown error, write'],
    ['Unknown system error -122', 'Unknown system error -122: Unknown system error -122, write'],
  ])('names what Node calls %s', (code, message) => {
    expect(LadingError.from(Object.assign(new Error(message), { errno: -122, code }))).toMatchObject({
      code: Code.ResourceExhausted,
      reason: 'EDQUOT',
      message: 'EDQUOT: the disk quota is used up, write',
    });
    const other = Object.assign(new Error(message), { errno: -500, code });
    expect(LadingError.from(other)).toMatchObject({ code: Code.Unknown, reason: undefined, message });
  });

  it('returns a LadingError as it is', () => {
    const error = new LadingError(Code.Aborted, 'x');
    expect(LadingError.from(error)).toBe(error);
  });

  it('takes what was thrown first where cleaning up failed too', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const fail = (): void => {
      using _outer = { [Symbol.dispose]: () => assert.fail('outer') };
      using _inner = { [Symbol.dispose]: () => assert.fail('inner') };
      throw full;
    };
    let caught: unknown;
    try {
      fail();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(SuppressedError);
    expect(LadingError.from(caught)).toMatchObject({
      code: Code.ResourceExhausted,
      reason: 'ENOSPC',
      message: full.message,
      cause: full,
    });
  });

  it('survives a cause that leads back to itself', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(LadingError.from(error, Code.Internal).code).toBe(Code.Internal);
  });
});

describe('the brand', () => {
  it('is recognised by a second copy of the package', async () => {
    vi.resetModules();
    const copy = await import('./lading-error.ts');
    expect(copy.LadingError).not.toBe(LadingError);
    const foreign = new copy.LadingError(Code.NotFound, 'x');
    expect(foreign).toBeInstanceOf(LadingError);
    expect(hasCode(foreign, Code.NotFound)).toBe(true);
    expect(LadingError.from(foreign)).toBe(foreign);
  });

  it('is not on other errors', () => {
    expect(new Error('x')).not.toBeInstanceOf(LadingError);
    expect(hasCode({ code: 'not_found' }, Code.NotFound)).toBe(false);
  });
});

describe('toJSON', () => {
  it('carries no stack and only the message of the cause', () => {
    const error = new LadingError(Code.DataLoss, 'm', {
      reason: 'R',
      details: { a: 1 },
      cause: new Error('c'),
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'data_loss',
      message: 'm',
      reason: 'R',
      details: { a: 1 },
      cause: 'c',
    });
  });
});

describe('gRPC status numbers', () => {
  it('map there and back for all sixteen codes', () => {
    const numbers = Object.values(Code).map(grpcStatusOf);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
    expect(numbers.map(codeOfGrpcStatus)).toEqual(Object.values(Code));
  });

  it('take what gRPC does not define for unknown', () => {
    expect([0, 17, -1].map(codeOfGrpcStatus)).toEqual([Code.Unknown, Code.Unknown, Code.Unknown]);
  });
});
