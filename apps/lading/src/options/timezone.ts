// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { type Flags, usageError } from '@lading/command-line';
import type { ContainerMount } from '@lading/engine';
import { quote } from '@lading/go-template';

const zones = '/usr/share/zoneinfo';

/** `--tz NAME`, or `local` for the zone of the host: a file of the host over /etc/localtime. */
export function readTimezone(flags: Flags): readonly ContainerMount[] {
  const zone = flags.string('tz') || undefined;
  if (zone === undefined) return [];
  // A name, and no way out of the folder of zones.
  const isName = /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+){0,3}$/.test(zone);
  const source = zone === 'local' ? '/etc/localtime' : `${zones}/${zone}`;
  if (!isName || !existsSync(source))
    throw usageError(`unrecognized timezone ${quote(zone)}: ${zones} has none of this name`);
  return [{ type: 'bind', source, target: '/etc/localtime', readOnly: true }];
}
