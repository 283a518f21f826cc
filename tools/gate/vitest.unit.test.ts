// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PartResult } from './report.ts';
import { runVitest } from './vitest.ts';

let folder: string;
let result: PartResult;
const faultOf = (name: string): string => result.faults.find((fault) => fault.includes(name)) ?? '';

const files = {
  'lists.test.js': `
    it('passes', () => expect(1).toBe(1));
    it('has a list', () => expect(['left-behind', 'and another']).toEqual([]));
    it('has a long list', () => expect(Array.from({ length: 1000 }, (_, i) => 'entry ' + i)).toEqual([]));
    it('has a cause', () => { throw new Error('outside', { cause: new Error('inside') }); });
    it('has several', () => { throw new SuppressedError(new AggregateError([new Error('one')]), new Error('two'), 'three'); });
    it['skip']('is left out', () => {});
    describe('a suite', () => {
      beforeAll(() => { throw new Error('no set-up'); });
      it('is not reached', () => {});
    });`,
  'broken.test.js': 'this is no JavaScript',
  'unhandled.test.js': `
    it('rejects something later', async () => {
      void Promise.reject(new Error('nobody waits for it'));
      await new Promise((resolve) => setImmediate(resolve));
    });`,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-gate-test-'));
  const globals = 'export default { test: { globals: true } };';
  await writeFile(join(folder, 'vitest.config.js'), globals);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  result = await runVitest(folder, []);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('counts what passed, and each fault', () => {
  expect({ ...result, faults: result.faults.length }).toEqual({
    passed: 2,
    failed: 9,
    skipped: 0,
    faults: 9,
  });
});

it('says what is in a list that was to be empty', () => {
  expect(faultOf('has a list')).toContain('+   "left-behind",');
  expect(faultOf('has a list')).toContain('lists.test.js > has a list\nAssertionError');
});

it('shortens what is too long', () => {
  expect(faultOf('has a long list')).toContain('+   "entry 3",');
  expect(faultOf('has a long list')).toMatch(/… and \d+ lines more$/);
});

it('says what is behind an error', () => {
  expect(faultOf('has a cause')).toMatch(/Error: outside\n.*\nwith Error: inside\n/);
  expect(faultOf('has several')).toMatch(/three\n(?:.*\n)*with Error: one\n(?:.*\n)*with Error: two\n/);
});

it('takes what is not run, does not load or is nobody’s for a failure', () => {
  expect(faultOf('is left out')).toBe('lists.test.js > is left out: not run (skipped)');
  expect(faultOf('is not reached')).toBe('lists.test.js > a suite > is not reached: not run (skipped)');
  expect(faultOf('no set-up')).toMatch(/^lists\.test\.js > a suite\nError: no set-up/);
  expect(faultOf('broken.test.js')).toMatch(/^broken\.test\.js\n/);
  expect(faultOf('nobody waits')).toMatch(/^outside of any test\nError: nobody waits/);
});

it('is a failure when no test is there', async () => {
  const { failed, faults } = await runVitest(folder, ['--passWithNoTests', 'nothing']);
  expect({ failed, faults }).toEqual({ failed: 1, faults: ['vitest ran no test'] });
});
