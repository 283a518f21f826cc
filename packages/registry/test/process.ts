// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundled } from '../../../tools/test-support/bundled.ts';

const main = bundled(join(import.meta.dirname, '../src/main.ts'));

/** lading-registry on a folder, as a process that can be killed. */
export interface RegistryProcess extends AsyncDisposable {
  readonly url: string;
  /** Ends it as a power switch would, and waits until it is gone. */
  kill(): Promise<void>;
}

export async function startProcess(root: string): Promise<RegistryProcess> {
  const args = [main, 'serve', '--addr', '127.0.0.1:0', '--root', root];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const kill = () => killed(child, exit);
  try {
    const [line]: unknown[] = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      exit.then(() => Promise.reject(new Error('lading-registry ended'))),
    ]);
    const url = /^listening on (\S+)$/.exec(String(line))?.[1];
    if (url === undefined) throw new Error(`unexpected line: ${line}`);
    return { url, kill, [Symbol.asyncDispose]: kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

async function killed(child: ChildProcess, exit: Promise<unknown>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await exit;
}
