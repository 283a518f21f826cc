// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { processStartTicks } from '@lading/linux';
import { afterEach, expect, it, vi } from 'vitest';
import { stillLives } from './still-lives.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('a process lives until it has ended, and its number is not taken for another process', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  const pidStartTicks = processStartTicks(pid) ?? '';
  const [recorded, unknownStart, former] = [{ pid, pidStartTicks }, { pid }, { pid, pidStartTicks: '1' }];
  const all = (): boolean[] => [recorded, unknownStart, former].map(stillLives);
  try {
    expect(all()).toEqual([true, true, false]);
    expect(all()).toEqual([true, true, false]);
  } finally {
    child.kill('SIGKILL');
  }
  await once(child, 'exit');
  expect(all()).toEqual([false, false, false]);
  expect(stillLives({ pid: 1 })).toBe(true);
});

it('a zombie is told from a process some seconds later', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  // The shell becomes a program that waits for no child.
  const child = spawn('sh', ['-c', 'exec 3<&0; read line <&3 & echo $!; exec sleep 60'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [said] = await once(child.stdout, 'data');
    const recorded = { pid: Number(String(said)) };
    expect(stillLives(recorded)).toBe(true);
    const stillThere = (): boolean => processStartTicks(recorded.pid) !== undefined;
    child.stdin.end();
    while (stillThere()) await new Promise(setImmediate);
    expect(stillLives(recorded)).toBe(true);
    vi.setSystemTime(Date.now() + 7001);
    expect(stillLives(recorded)).toBe(false);
  } finally {
    child.kill('SIGKILL');
  }
});
