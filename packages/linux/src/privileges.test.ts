// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseCapabilities, parseLimits, processRlimits } from './privileges.ts';

describe('parseCapabilities', () => {
  it('names the bits of each set, in order, and those it does not know not at all', () => {
    const status = [
      'CapInh:\t0000000000000000',
      'CapPrm:\t0000000000000003',
      'CapEff:\t0000010001000000',
      'CapBnd:\tffffffffffffffff',
      'CapAmb:\t0000000000200000',
    ].join('\n');
    const found = parseCapabilities(status);
    expect(found).toMatchObject({
      inheritable: [],
      permitted: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE'],
      effective: ['CAP_SYS_RESOURCE', 'CAP_CHECKPOINT_RESTORE'],
      ambient: ['CAP_SYS_ADMIN'],
    });
    expect(found.bounding).toHaveLength(41);
  });
});

describe('parseLimits', () => {
  it('reads numbers and "unlimited"', () => {
    const text = [
      'Limit                     Soft Limit           Hard Limit           Units     ',
      'Max cpu time              unlimited            unlimited            seconds   ',
      'Max open files            1024                 4096                 files     ',
      'Max something new         1                    2                    things    ',
    ].join('\n');
    expect({ ...parseLimits(text) }).toEqual({
      RLIMIT_CPU: { soft: 2n ** 64n - 1n, hard: 2n ** 64n - 1n },
      RLIMIT_NOFILE: { soft: 1024n, hard: 4096n },
    });
  });

  it('finds all sixteen of this process', () => {
    expect(Object.keys(processRlimits())).toHaveLength(16);
  });
});
