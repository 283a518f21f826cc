// SPDX-License-Identifier: Apache-2.0
import { release } from 'node:os';
import { normalizeArchitecture } from '@lading/image-spec';
import type { ContainerOptions } from '../types/container-options.ts';
import { apparmorProfile } from './apparmor.ts';
import { readSeccompProfile } from './seccomp-profile.ts';

/** Has a profile or a CDI device that is not there or not valid refused when the container is made, not when it is started. */
export async function checkProfiles(
  { privileged, seccomp, apparmor, cdiDevices = [] }: ContainerOptions,
  cdiSpecDirs: readonly string[],
): Promise<void> {
  if (cdiDevices.length > 0) {
    const { findCdiDevices } = await import('../cdi/find-devices.ts');
    await findCdiDevices(cdiDevices, cdiSpecDirs);
  }
  if (privileged) return;
  if (typeof seccomp === 'object') await checkSeccompProfile(seccomp.path);
  if (typeof apparmor === 'object') await apparmorProfile(apparmor);
}

/**
 * Resolves when containers can have the filter of system calls of this file.
 *
 * @throws LadingError `not_found` or `invalid_argument` naming the file
 */
export async function checkSeccompProfile(path: string): Promise<void> {
  const architecture = normalizeArchitecture(process.arch);
  await readSeccompProfile(path, { capabilities: [], architecture, kernel: release() });
}
