// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { reloaded } from './reloadable.ts';

it('takes what can be changed while the daemon runs, and names what cannot', () => {
  const before = { listen: '/a', pinnedImages: ['a'], readOnly: true, runtimes: { runc: 'runc' } };
  const now = {
    listen: '/b',
    pinnedImages: ['b'],
    pidsLimit: 5,
    runtimes: { runc: 'runc' },
    graphRoot: '/c',
  };
  expect(reloaded(before, now)).toEqual({
    settings: { listen: '/a', pinnedImages: ['b'], pidsLimit: 5, runtimes: { runc: 'runc' } },
    needStart: ['crio.api.listen', 'crio.root'],
  });
});
