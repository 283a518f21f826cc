// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { processStartTicks } from './index.ts';

it('stays the same while a process lives, whatever it calls itself, and is gone with it', async () => {
  const child = spawn('sh', ['-c', 'printf "a) Z (b" > /proc/self/comm; echo; read line'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  const ticks = processStartTicks(pid);
  expect(Number(ticks)).toBeGreaterThanOrEqual(Number(processStartTicks(process.pid)));
  expect(processStartTicks(pid)).toBe(ticks);
  child.stdin.end();
  await once(child, 'exit');
  expect(processStartTicks(pid)).toBeUndefined();
});
