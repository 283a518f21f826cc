// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';
import { quote } from '@lading/go-template';
import { parseSize } from './size.ts';

type LogOptions = Pick<ContainerOptions, 'logDriver' | 'logPath' | 'logSizeMaxBytes' | 'logTag'>;

const drivers: Readonly<Record<string, NonNullable<LogOptions['logDriver']>>> = {
  'k8s-file': 'k8s-file',
  'json-file': 'k8s-file',
  journald: 'journald',
  none: 'none',
  passthrough: 'passthrough',
};

/** `--log-driver`, and `--log-opt` with `path=FILE`, `max-size=SIZE` or `tag=WORD`. */
export function readLogOptions({ flags, environment }: CommandCall): LogOptions {
  const name = flags.string('log-driver') ?? '';
  const logDriver = Object.hasOwn(drivers, name) ? drivers[name] : undefined;
  if (logDriver === undefined) {
    throw usageError(`unsupported log driver ${quote(name)}: use ${Object.keys(drivers).join(', ')}`);
  }
  let options: LogOptions = flags.given('log-driver') ? { logDriver } : {};
  for (const text of flags.strings('log-opt')) {
    const [key = '', value = ''] = text.split(/=(.*)/s);
    if (key === 'path' && value !== '') options = { ...options, logPath: resolve(environment.cwd, value) };
    else if (key === 'max-size') options = { ...options, logSizeMaxBytes: parseSize(value, 1000) };
    else if (key === 'tag' && text.includes('=')) options = { ...options, logTag: value };
    else {
      throw usageError(`unsupported log option ${quote(text)}: use path=FILE, max-size=SIZE or tag=WORD`);
    }
  }
  return options;
}
