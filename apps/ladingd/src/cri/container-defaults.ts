// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions } from '@lading/engine';
import type { Reloadable } from '../config/reloadable.ts';

/** conmon takes no less for the size of a log. */
const leastLogBytes = 8192;

/** Options with what the configuration says of all containers; the request wins. */
export function withDefaults(options: ContainerOptions, settings: Reloadable): ContainerOptions {
  const { seccompProfile, defaultEnv = [], readOnly, logSizeMax = -1, pidsLimit = 0 } = settings;
  const env = defaultEnv.map((line): [string, string] => {
    const at = line.indexOf('=');
    return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
  });
  const isDefault = options.seccomp === undefined || options.seccomp === 'default';
  return {
    ...options,
    ...(env.length > 0 && { env: { ...Object.fromEntries(env), ...options.env } }),
    ...(readOnly && { readOnlyRootfs: true }),
    ...(logSizeMax >= leastLogBytes && { logSizeMaxBytes: logSizeMax }),
    ...(pidsLimit > 0 && { resources: { pidsLimit, ...options.resources } }),
    ...(isDefault && seccompProfile !== undefined && { seccomp: { path: seccompProfile } }),
  };
}
