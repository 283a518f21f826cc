// SPDX-License-Identifier: Apache-2.0
import { readFileSync, renameSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { writeSmallFile } from '@lading/linux';
import type { LiveProcess } from './live-process.ts';

/** What is kept of a create for later processes. */
export interface MonitorNote {
  readonly container: LiveProcess;
  readonly monitor: LiveProcess;
  readonly logPath?: string;
  /** Its first process has one. */
  readonly terminal?: true;
}

export function writeMonitorNote(path: string, note: MonitorNote): void {
  writeSmallFile(`${path}.new`, JSON.stringify(note), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Undefined when the process that made the container did not come to write it. */
export function readMonitorNote(path: string): MonitorNote | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason === 'ENOENT') return undefined;
    throw failure;
  }
  const value: unknown = JSON.parse(text);
  if (isNote(value)) return value;
  throw new LadingError(Code.DataLoss, `${path} is damaged; remove it`);
}

function isNote(value: unknown): value is MonitorNote {
  if (typeof value !== 'object' || value === null) return false;
  return 'container' in value && isProcess(value.container) && 'monitor' in value && isProcess(value.monitor);
}

function isProcess(value: unknown): value is LiveProcess {
  return typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number';
}
