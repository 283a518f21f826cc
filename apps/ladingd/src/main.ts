// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '@lading/command-line';
import { runLadingd } from './program.ts';

const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());

const environment: Environment = {
  stdin: process.stdin,
  stdinIsTerminal: process.stdin.isTTY === true,
  stdout: (data) => void process.stdout.write(data),
  stderr: (data) => void process.stderr.write(data),
  stdoutIsTerminal: process.stdout.isTTY === true,
  stderrIsTerminal: process.stderr.isTTY === true,
  env: process.env,
  cwd: process.cwd(),
  signal: ending.signal,
};

process.exitCode = await runLadingd(process.argv.slice(2), environment);
