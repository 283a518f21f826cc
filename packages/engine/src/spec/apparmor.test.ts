// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apparmorProfile } from './apparmor.ts';

/** A tree as sysfs has it on a machine with AppArmor; the build machines are without. */
let sys: string;
beforeAll(() => {
  sys = mkdtempSync(join(tmpdir(), 'lading-apparmor-'));
  mkdirSync(join(sys, 'module/apparmor/parameters'), { recursive: true });
  mkdirSync(join(sys, 'kernel/security/apparmor'), { recursive: true });
  writeFileSync(join(sys, 'module/apparmor/parameters/enabled'), 'Y\n');
  writeFileSync(
    join(sys, 'kernel/security/apparmor/profiles'),
    'crio-default (enforce)\n/usr/bin/man (enforce)\nweb (complain)\n',
  );
});
afterAll(() => rmSync(sys, { recursive: true }));

const none = '/nonexistent';

describe('apparmorProfile', () => {
  it('is the default one where it is loaded, and none where it is not', async () => {
    expect(await apparmorProfile('default', sys)).toBe('crio-default');
    expect(await apparmorProfile('default', none)).toBeUndefined();
  });

  it('is none for a container that is not confined', async () => {
    expect(await apparmorProfile('unconfined', sys)).toBeUndefined();
  });

  it('is the one that was named', async () => {
    expect(await apparmorProfile({ profile: 'web' }, sys)).toBe('web');
    expect(await apparmorProfile({ profile: '/usr/bin/man' }, sys)).toBe('/usr/bin/man');
  });

  it('is none where the kernel has no AppArmor and the profile is for those that have it', async () => {
    expect(await apparmorProfile({ profile: 'web', ifEnabled: true }, none)).toBeUndefined();
    expect(await apparmorProfile({ profile: 'web', ifEnabled: true }, sys)).toBe('web');
    await expect(apparmorProfile({ profile: 'other', ifEnabled: true }, sys)).rejects.toMatchObject({
      reason: 'APPARMOR_PROFILE_UNKNOWN',
    });
  });

  it('refuses one that is not loaded', async () => {
    await expect(apparmorProfile({ profile: 'other' }, sys)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'APPARMOR_PROFILE_UNKNOWN',
    });
  });

  it('refuses a named one where the kernel has no AppArmor', async () => {
    await expect(apparmorProfile({ profile: 'web' }, none)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'APPARMOR_UNAVAILABLE',
      message: expect.stringContaining('does not have AppArmor enabled'),
    });
  });
});
