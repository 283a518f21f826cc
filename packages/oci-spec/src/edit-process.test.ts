// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { type Spec, withAdditionalGids, withEnv, withProcess } from './index.ts';

const bare: Spec = { ociVersion: '1.3.0' };

describe('withEnv', () => {
  const spec = withProcess(bare, { env: ['A=1', 'B=2', 'A=3', 'C'] });

  it('sets in place, adds at the end, takes away, and leaves no second of a name', () => {
    const { process } = withEnv(spec, { A: '9=9', B: undefined, D: '', E: undefined });
    expect(process?.env).toEqual(['A=9=9', 'C', 'D=']);
  });

  it.each([
    ['an empty name', { '': 'x' }],
    ['a name with an equals sign', { 'A=B': 'x' }],
    ['a name with a NUL', { 'A\0': 'x' }],
    ['a value with a NUL', { A: 'x\0' }],
  ])('refuses %s', (_name, variables) => {
    expect(() => withEnv(spec, variables)).toThrow('cannot be set in an environment');
  });
});

describe('withAdditionalGids', () => {
  it('adds each group once', () => {
    expect(withAdditionalGids(withAdditionalGids(bare, [1, 2]), [2, 3]).process?.user).toEqual({
      additionalGids: [1, 2, 3],
    });
  });
});
