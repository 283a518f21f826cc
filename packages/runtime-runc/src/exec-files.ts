// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { writeSmallFile } from '@lading/linux';
import { encodeJson, type Process } from '@lading/oci-spec';
import type { WorkFolder } from './work-folder.ts';

/**
 * Files of one exec, in a folder that only we can enter: the environment may hold secrets. They are small, and written at
 * once: `node:fs/promises` takes longer to load.
 */
export interface ExecFiles extends Disposable {
  readonly processFile: string;
  readonly log: string;
  readonly pidFile: string;
  /** Of the process in the host's numbering; undefined while it has not been started. */
  pid(): number | undefined;
}

export async function makeExecFiles(work: WorkFolder, process: Process): Promise<ExecFiles> {
  const folder = await work.path('exec');
  mkdirSync(folder, { mode: 0o700 });
  const files = {
    processFile: join(folder, 'process.json'),
    log: join(folder, 'log.json'),
    pidFile: join(folder, 'pid'),
  };
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    writeSmallFile(files.processFile, encodeJson(process), { mode: 0o600 });
  } catch (error) {
    dispose();
    throw error;
  }
  return { ...files, pid: () => readPid(files.pidFile), [Symbol.dispose]: dispose };
}

function readPid(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason === 'ENOENT') return undefined;
    throw failure;
  }
}
