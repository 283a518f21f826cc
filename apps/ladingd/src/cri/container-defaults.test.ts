// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { withDefaults } from './container-defaults.ts';

it('changes nothing without settings', () => {
  const options = { image: 'a', env: { A: '1' } };
  expect(withDefaults(options, {})).toEqual(options);
});

it('gives containers what the configuration says, unless their request says otherwise', () => {
  const settings = {
    seccompProfile: '/p.json',
    defaultEnv: ['A=default', 'B=x=y', 'C'],
    readOnly: true,
    logSizeMax: 9000,
    pidsLimit: 7,
  };
  expect(withDefaults({ image: 'a', env: { A: 'own' }, resources: { cpuShares: 3 } }, settings)).toEqual({
    image: 'a',
    env: { A: 'own', B: 'x=y', C: '' },
    readOnlyRootfs: true,
    logSizeMaxBytes: 9000,
    resources: { pidsLimit: 7, cpuShares: 3 },
    seccomp: { path: '/p.json' },
  });
  expect(withDefaults({ image: 'a', seccomp: 'unconfined' }, settings).seccomp).toBe('unconfined');
});

it('takes small numbers for no limit', () => {
  expect(withDefaults({ image: 'a' }, { logSizeMax: 100, pidsLimit: 0 })).toEqual({ image: 'a' });
});
