// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { Environment } from './environment.ts';
import { withJsonLog } from './json-log.ts';

it('makes an object of each line of stderr, and leaves stdout alone', async () => {
  let out = '';
  let said = '';
  const environment: Environment = {
    stdin: (async function* () {})(),
    stdinIsTerminal: false,
    stdout: (text) => {
      out += String(text);
    },
    stderr: (text) => {
      said += String(text);
    },
    stdoutIsTerminal: true,
    stderrIsTerminal: true,
    env: {},
    cwd: '/',
    signal: new AbortController().signal,
  };
  const json = withJsonLog(environment, () => new Date(0));
  await json.stdout('result\n');
  await json.stderr('Copying blob a\nWarn');
  await json.stderr(new TextEncoder().encode('ing: old\n{"id":1}\nError: it "failed"\n'));
  expect([out, json.stderrIsTerminal]).toEqual(['result\n', false]);
  const time = '1970-01-01T00:00:00.000Z';
  expect(
    said
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { time, level: 'info', msg: 'Copying blob a' },
    { time, level: 'warning', msg: 'old' },
    { id: 1 },
    { time, level: 'error', msg: 'it "failed"' },
  ]);
});
