// SPDX-License-Identifier: Apache-2.0
import { type Flags, usageError } from '@lading/command-line';
import type { ResourceLimits } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { quote } from '@lading/go-template';
import { splitPair } from './key-value.ts';

/** `--cgroup-conf FILE=VALUE`: files of cgroup v2 that no other flag is for. */
export async function readCgroupConf(flags: Flags): Promise<ResourceLimits> {
  const pairs = flags.strings('cgroup-conf').map((text): readonly [string, string] => {
    const [key, value] = splitPair(text);
    if (key === '' || value === undefined) throw usageError('--cgroup-conf must be formatted KEY=VALUE');
    return [key, value];
  });
  if (pairs.length === 0) return {};
  const { cgroupVersion } = await import('@lading/linux');
  if ((await cgroupVersion()) === 1) {
    throw new LadingError(
      Code.FailedPrecondition,
      'cannot use --cgroup-conf without cgroup v2: leave it out, or set limits by flags such as --memory and --cpus',
    );
  }
  return { unified: Object.fromEntries(pairs) };
}

/** `--cgroups`: monitors are left where they are started, so that there is nothing to do for `no-conmon`. */
export function checkCgroups(flags: Flags): void {
  const mode = flags.string('cgroups') ?? 'enabled';
  if (mode === 'enabled' || mode === 'no-conmon') return;
  if (mode !== 'disabled' && mode !== 'split') {
    throw usageError(`invalid cgroup mode ${quote(mode)}: use enabled or no-conmon`);
  }
  throw new LadingError(
    Code.Unimplemented,
    mode === 'disabled'
      ? 'runc cannot run a container without control groups: leave --cgroups=disabled out'
      : 'lading makes the groups of containers below --cgroup-parent, not below its own: use that in place of --cgroups=split',
  );
}
