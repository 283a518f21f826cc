// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { ContainerOptions } from '../types/container-options.ts';

/**
 * The name of a profile for the runtime spec; undefined for none.
 *
 * @param choice `default` is confined where the kernel has AppArmor and the profile is loaded; a named one must be,
 * unless it is said to be for kernels that have AppArmor
 * @param sys where sysfs is
 * @throws LadingError `failed_precondition` with reason `APPARMOR_UNAVAILABLE` or `APPARMOR_PROFILE_UNKNOWN`
 */
export async function apparmorProfile(
  choice: NonNullable<ContainerOptions['apparmor']>,
  sys: string = '/sys',
): Promise<string | undefined> {
  if (choice === 'unconfined') return undefined;
  const loaded = loadedProfiles(sys);
  if (choice === 'default') return loaded?.has(defaultProfile) ? defaultProfile : undefined;
  const { profile, ifEnabled = false } = choice;
  if (loaded === undefined && ifEnabled) return undefined;
  if (loaded === undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      `the AppArmor profile ${JSON.stringify(profile)} cannot be applied: this kernel does not have AppArmor enabled`,
      { reason: 'APPARMOR_UNAVAILABLE' },
    );
  }
  if (!loaded.has(profile)) {
    throw new LadingError(
      Code.FailedPrecondition,
      `the AppArmor profile ${JSON.stringify(profile)} is not loaded; load it with apparmor_parser`,
      { reason: 'APPARMOR_PROFILE_UNKNOWN' },
    );
  }
  return profile;
}

/** Loaded by CRI-O; ours when it is there. */
const defaultProfile = 'crio-default';

/** Undefined where the kernel has no AppArmor. */
function loadedProfiles(sys: string): ReadonlySet<string> | undefined {
  const enabled = textOf(join(sys, 'module/apparmor/parameters/enabled'));
  if (enabled?.trim() !== 'Y') return undefined;
  const list = textOf(join(sys, 'kernel/security/apparmor/profiles')) ?? '';
  return new Set(list.split('\n').map((line) => line.replace(/ \([a-z]+\)$/, '')));
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.code === Code.NotFound) return undefined;
    throw failure;
  }
}
