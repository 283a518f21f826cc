// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { LadingError } from '@lading/errors';
import { processCapabilities, processRlimits } from '@lading/linux';
import { capabilities } from '@lading/oci-spec';
import type { RuntimeDescription } from './runtime.ts';

/**
 * What the daemon runs with, and what it cannot give: in a container, or with few rights, wishes beyond that are cut
 * down to what there is.
 */
export async function statusInfo({
  handlers,
  settings,
}: Pick<RuntimeDescription, 'handlers' | 'settings'>): Promise<Record<string, string>> {
  const { bounding, effective } = processCapabilities();
  const isFree = effective.includes('CAP_SYS_RESOURCE');
  const limits = {
    missingCapabilities: capabilities.filter((name) => !bounding.includes(name)),
    // Only who has that capability gives more than it has itself.
    ...(!isFree && {
      hardRlimits: Object.fromEntries(
        Object.entries(processRlimits()).map(([name, { hard }]) => [name, String(hard)]),
      ),
      leastOomScoreAdj: Number((await readFile('/proc/self/oom_score_adj', 'utf8')).trim()),
    }),
  };
  const versions = await Promise.all(
    Object.entries(handlers()).map(async ([name, handler]) => [name, await versionOf(handler)] as const),
  );
  return {
    config: JSON.stringify(settings?.() ?? {}),
    limits: JSON.stringify(limits),
    runtimes: JSON.stringify(Object.fromEntries(versions)),
  };
}

async function versionOf(handler: ReturnType<RuntimeDescription['handlers']>[string]): Promise<string> {
  try {
    return await handler.version();
  } catch (error) {
    return `cannot be asked: ${LadingError.from(error).message}`;
  }
}
