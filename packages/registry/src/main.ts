// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { runProgram } from '@lading/command-line';
import { runAsProcess } from '@lading/command-line/node';
import { registryProgram } from './program.ts';

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

await runAsProcess((argv, environment) => runProgram(registryProgram(version), argv, environment), {
  outlivesReaders: true,
});
