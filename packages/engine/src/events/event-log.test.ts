// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocks } from '../state/locks.ts';
import type { EngineEvent, EventLogOptions } from '../types/events.ts';
import { type EventLog, openEventLog } from './event-log.ts';

let folder: string;
let log: EventLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-events-'));
  log = openEventLog(join(folder, 'events.log'), openLocks(join(folder, 'locks')));
});
afterEach(() => rmSync(folder, { recursive: true }));

const event = (id: string, second = 0, more: Partial<EngineEvent> = {}): EngineEvent => ({
  time: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  type: 'container',
  action: 'create',
  id,
  ...more,
});

async function ids(options?: EventLogOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const { id } of log.read(options)) found.push(id);
  return found;
}

describe('a log of events', () => {
  it('gives what was written, between two times', async () => {
    expect(await ids()).toEqual([]);
    for (let second = 0; second < 5; second += 1) log.append(event(`e${second}`, second));
    const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
    expect(await ids()).toEqual(['e0', 'e1', 'e2', 'e3', 'e4']);
    expect(await ids({ since: at(1), until: at(3) })).toEqual(['e1', 'e2', 'e3']);
  });

  it('passes over lines that are no events, and waits for the end of one', async () => {
    const path = join(folder, 'events.log');
    log.append(event('a'));
    appendFileSync(path, 'rubbish\n{"time":1}\n[]\n\n');
    log.append(event('b'));
    const line = JSON.stringify(event('c'));
    appendFileSync(path, line.slice(0, 10));
    expect(await ids()).toEqual(['a', 'b']);
    appendFileSync(path, `${line.slice(10)}\n`);
    expect(await ids()).toEqual(['a', 'b', 'c']);
  });

  it.each([30, 60])('goes on when its end is %i days ahead', async (days) => {
    const stop = new AbortController();
    const until = new Date(Date.now() + days * 86_400_000);
    const read = log.read({ follow: true, until, signal: stop.signal });
    log.append(event('first'));
    expect((await read.next()).value?.id).toBe('first');
    const next = read.next();
    log.append(event('second'));
    expect((await next).value?.id).toBe('second');
    stop.abort();
    await expect(read.next()).rejects.toThrow();
  });

  it('goes on with those that come, over a change of files, and ends with the signal', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const large = { filler: 'x'.repeat(100_000) };
    log.append(event('first'));
    await expect(async () => {
      for await (const { id } of log.read({ follow: true, signal: stop.signal })) {
        seen.push(id);
        const next = seen.length;
        await new Promise((resolve) => setImmediate(resolve));
        if (next <= 30) log.append(event(`e${next}`, 0, { attributes: large }));
        else stop.abort(new Error('enough'));
      }
    }).rejects.toThrow('enough');
    expect(seen).toEqual(['first', ...Array.from({ length: 30 }, (_, i) => `e${i + 1}`)]);
    expect(existsSync(join(folder, 'events.log.1'))).toBe(true);
  });

  it('keeps two files of a megabyte', async () => {
    const large = { filler: 'x'.repeat(100_000) };
    for (let n = 0; n < 50; n += 1) {
      log.append(event(`e${n}`, 0, { attributes: large }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const sizes = ['events.log', 'events.log.1'].map(
      (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0,
    );
    expect(Math.max(...sizes)).toBeLessThan(1_600_000);
    const kept = await ids();
    expect(kept.at(-1)).toBe('e49');
    expect(kept.length).toBeLessThan(30);
  });

  it('is no reason for a failure when it cannot be written', async () => {
    const nowhere = openEventLog(join(folder, 'no/such/events.log'), openLocks(join(folder, 'locks')));
    nowhere.append(event('a'));
    const found = [];
    for await (const one of nowhere.read()) found.push(one);
    expect(found).toEqual([]);
  });

  it('ends a look into the future when it is there', async () => {
    log.append(event('a'));
    const until = new Date(Date.now() + 200);
    expect(await ids({ follow: true, until })).toEqual(['a']);
    expect(Date.now()).toBeGreaterThanOrEqual(until.getTime());
  });
});
