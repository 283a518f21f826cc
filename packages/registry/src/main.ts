// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { type Environment, runProgram } from '@lading/command-line';
import { registryProgram } from './program.ts';

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());

const environment: Environment = {
  stdin: process.stdin,
  stdinIsTerminal: process.stdin.isTTY ?? false,
  stdout: (data) => void process.stdout.write(data),
  stderr: (data) => void process.stderr.write(data),
  stdoutIsTerminal: process.stdout.isTTY ?? false,
  stderrIsTerminal: process.stderr.isTTY ?? false,
  env: process.env,
  cwd: process.cwd(),
  signal: ending.signal,
};

process.exitCode = await runProgram(registryProgram(version), process.argv.slice(2), environment);
