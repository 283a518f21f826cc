// SPDX-License-Identifier: Apache-2.0
import { type Flags, usageError } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';

/** `--restart no|always|unless-stopped|on-failure[:N]`. */
export function readRestartPolicy(flags: Flags): Pick<ContainerOptions, 'restartPolicy'> {
  const text = flags.string('restart') || 'no';
  const [name = '', retries, ...rest] = text.split(':');
  if (rest.length > 0) throw usageError('restart policy may specify at most one number of retries');
  if (retries !== undefined && name !== 'on-failure') {
    throw usageError('restart policy retries can only be specified with on-failure restart policy');
  }
  if (name === 'no' || name === 'never') return {};
  if (name !== 'always' && name !== 'unless-stopped' && name !== 'on-failure') {
    throw usageError(
      `restart policy ${JSON.stringify(name)} is not valid: use no, always, unless-stopped or on-failure[:N]`,
    );
  }
  if (flags.boolean('rm'))
    throw usageError('the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"');
  if (retries === undefined) return { restartPolicy: { name } };
  if (!/^\d{1,9}$/.test(retries))
    throw usageError(`error parsing restart policy retry count: ${JSON.stringify(retries)}`);
  const maxRetries = Number(retries);
  // podman's 0 is no limit.
  return { restartPolicy: { name, ...(maxRetries === 0 ? {} : { maxRetries }) } };
}
