// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pauseProgram } from './pause-program.ts';

describe('pauseProgram', () => {
  it('sleeps with SIGCHLD ignored until it is ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lading-pause-'));
    try {
      writeFileSync(join(folder, 'pause'), pauseProgram(), { mode: 0o755 });
      const child = spawn(join(folder, 'pause'), { stdio: 'ignore' });
      const ended = once(child, 'exit');
      await once(child, 'spawn');
      const ignored = (): bigint => {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        return BigInt(`0x${/^SigIgn:\s*(\w+)$/m.exec(status)?.[1] ?? '0'}`);
      };
      while ((ignored() & (1n << 16n)) === 0n) await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill('SIGCHLD');
      child.kill('SIGTERM');
      expect(await ended).toEqual([null, 'SIGTERM']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is small, and of the machine that was asked for', () => {
    expect(pauseProgram('x64').length).toBeLessThan(300);
    expect(Buffer.from(pauseProgram('arm64')).readUInt16LE(18)).toBe(183);
  });

  it('is not there for other machines', () => {
    expect(() => pauseProgram('mips')).toThrow('a pid namespace shared by a pod is not there for mips');
  });
});
