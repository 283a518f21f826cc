// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFile } from './index.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-lock-'));
  path = join(folder, 'x.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const locked = expect.objectContaining({ code: 'unavailable', reason: 'LOCKED' });

describe('lockFile', () => {
  it('makes the file and lets several read', async () => {
    using first = await lockFile(path, { mode: 'shared' });
    using second = await lockFile(path, { mode: 'shared', wait: false });
    expect(first.fd).not.toBe(second.fd);
    expect(statSync(path).size).toBe(0);
  });

  it('excludes a second call of the same process', async () => {
    using lock = await lockFile(path, { mode: 'exclusive' });
    await expect(lockFile(path, { mode: 'shared', wait: false })).rejects.toEqual(locked);
    lock.release();
    (await lockFile(path, { mode: 'exclusive', wait: false })).release();
  });

  it('is kept when another descriptor of the file is closed', async () => {
    using _lock = await lockFile(path, { mode: 'exclusive' });
    closeSync(openSync(path, 'r'));
    await expect(lockFile(path, { mode: 'exclusive', wait: false })).rejects.toEqual(locked);
  });

  it('waits without holding up the event loop', async () => {
    const lock = await lockFile(path, { mode: 'exclusive' });
    const waiting = lockFile(path, { mode: 'exclusive' });
    let turns = 0;
    await new Promise<void>((resolve) => {
      const turn = (): void => {
        turns += 1;
        if (turns === 100) resolve();
        else setImmediate(turn);
      };
      turn();
    });
    lock.release();
    (await waiting).release();
  });

  it('stops waiting when it is told to', async () => {
    using _lock = await lockFile(path, { mode: 'exclusive' });
    const stop = new AbortController();
    const waiting = lockFile(path, { mode: 'exclusive', signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toEqual(expect.objectContaining({ code: 'canceled' }));
    await expect(lockFile(path, { mode: 'shared', signal: stop.signal })).rejects.toEqual(
      expect.objectContaining({ code: 'canceled' }),
    );
  });

  it('keeps bytes in the lock file', async () => {
    using lock = await lockFile(path, { mode: 'exclusive' });
    expect(lock.read(64)).toHaveLength(0);
    lock.write(new Uint8Array(64).fill(7));
    expect(Array.from(lock.read(64))).toEqual(new Array(64).fill(7));
    lock.release();
    expect(() => lock.read(1)).toThrow(expect.objectContaining({ code: 'failed_precondition' }));
  });

  it('conflicts with a POSIX lock of another process, as Go tools take it', async () => {
    const holder = spawn('python3', [
      '-c',
      'import fcntl,sys\nf=open(sys.argv[1],"w")\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint("held",flush=True)\nsys.stdin.read()',
      path,
    ]);
    try {
      await once(holder.stdout, 'data');
      await expect(lockFile(path, { mode: 'shared', wait: false })).rejects.toEqual(locked);
      const waiting = lockFile(path, { mode: 'exclusive' });
      holder.stdin.end();
      (await waiting).release();
    } finally {
      holder.kill();
    }
  });

  it('conflicts with flock of another process, when that is asked for', async () => {
    const holder = spawn('flock', [path, 'sh', '-c', 'echo; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(holder, 'exit');
    try {
      await once(holder.stdout, 'data');
      const wanted = { mode: 'exclusive', kind: 'flock' } as const;
      await expect(lockFile(path, { ...wanted, wait: false })).rejects.toEqual(locked);
      await expect(lockFile(path, { ...wanted, mode: 'shared', wait: false })).rejects.toEqual(locked);
      (await lockFile(path, { mode: 'exclusive', wait: false })).release();
      const waiting = lockFile(path, wanted);
      holder.stdin.end();
      using lock = await waiting;
      await expect(lockFile(path, { ...wanted, wait: false })).rejects.toEqual(locked);
      expect(lock.fd).toBeGreaterThan(2);
    } finally {
      holder.stdin.end();
      await ended;
    }
  });

  it('says which folder is missing', async () => {
    await expect(lockFile(join(folder, 'no', 'x'), { mode: 'shared' })).rejects.toEqual(
      expect.objectContaining({ code: 'not_found', reason: 'ENOENT' }),
    );
  });
});
