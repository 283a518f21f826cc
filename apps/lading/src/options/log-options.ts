// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';
import { quote } from '@lading/go-template';
import { parseSize } from './size.ts';

type LogOptions = Pick<ContainerOptions, 'logPath' | 'logSizeMaxBytes'>;

/** `--log-opt path=FILE` and `--log-opt max-size=SIZE`. */
export function readLogOptions({ flags, environment }: CommandCall): LogOptions {
  let options: LogOptions = {};
  for (const text of flags.strings('log-opt')) {
    const [key = '', value = ''] = text.split(/=(.*)/s);
    if (key === 'path' && value !== '') options = { ...options, logPath: resolve(environment.cwd, value) };
    else if (key === 'max-size') options = { ...options, logSizeMaxBytes: parseSize(value) };
    else throw usageError(`unsupported log option ${quote(text)}: use path=FILE or max-size=SIZE`);
  }
  return options;
}
