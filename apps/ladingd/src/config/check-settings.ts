// SPDX-License-Identifier: Apache-2.0
import { checkSeccompProfile } from '@lading/engine';
import { checkDefaults } from '../cri/container-defaults.ts';
import { checkLog } from '../log.ts';
import type { Reloadable } from './reloadable.ts';

/**
 * Resolves when containers can be made by these settings, as far as that can be told before there are some.
 *
 * @throws LadingError naming the option that is wrong, or the file that it names
 */
export async function checkSettings(settings: Reloadable): Promise<void> {
  checkDefaults(settings);
  checkLog(settings);
  if (settings.seccompProfile !== undefined) await checkSeccompProfile(settings.seccompProfile);
}
