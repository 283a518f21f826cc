// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reopenLogFile } from './control.ts';

let bundle: string;
let log: string;
let reader: FileHandle;
beforeEach(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'lading-control-'));
  log = join(bundle, 'ctr.log');
  await writeFile(log, '');
  execFileSync('sh', ['-c', 'mkfifo ctl'], { cwd: bundle });
  reader = await open(join(bundle, 'ctl'), constants.O_RDONLY | constants.O_NONBLOCK);
});
afterEach(() => rm(bundle, { recursive: true, force: true }));

/** Reads what the monitor is asked for; the pipe is empty until then. */
async function heard(): Promise<string> {
  const buffer = Buffer.alloc(64);
  for (;;) {
    const length = await reader.read(buffer).then(
      ({ bytesRead }) => bytesRead,
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
        throw error;
      },
    );
    if (length > 0) return buffer.toString('utf8', 0, length);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function openAnew(): Promise<void> {
  await writeFile(`${log}.tmp`, '');
  await rename(`${log}.tmp`, log);
}

describe('reopenLogFile', () => {
  it('waits until the monitor has a new file in place', async () => {
    const work = reopenLogFile(bundle, log);
    expect(await heard()).toBe('2 0 0\n');
    await openAnew();
    await work;
    await reader.close();
  });

  it('does not wait for a monitor that ends instead', async () => {
    const work = reopenLogFile(bundle, log);
    const refused = expect(work).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'MONITOR_GONE',
    });
    await heard();
    await reader.close();
    await refused;
  });

  it('is done when the monitor ends after that', async () => {
    const work = reopenLogFile(bundle, log);
    await heard();
    await Promise.all([openAnew().then(() => reader.close()), work]);
  });

  it('is refused without a monitor', async () => {
    await reader.close();
    await expect(reopenLogFile(bundle, log)).rejects.toMatchObject({ reason: 'MONITOR_GONE' });
  });
});
