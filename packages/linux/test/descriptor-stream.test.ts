// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type DescriptorStream, makePipe, openDescriptorStream, spawnProgram } from '../src/index.ts';

/** A shell's stdin and stdout. */
function shell(script: string): {
  stdin: DescriptorStream;
  stdout: DescriptorStream;
  ended: Promise<unknown>;
} {
  const [input, output] = [makePipe(), makePipe()];
  const fds = [input.readEnd, output.writeEnd, null];
  const { ended } = spawnProgram('/bin/sh', { args: ['-c', script], env: process.env, fds });
  for (const fd of [input.readEnd, output.writeEnd]) closeSync(fd);
  return { stdin: openDescriptorStream(input.writeEnd), stdout: openDescriptorStream(output.readEnd), ended };
}

it('passes three megabytes both ways, and sees the end', async () => {
  const { stdin, stdout, ended } = shell('cat');
  const sent = Buffer.alloc(3 << 20, 'all bytes \0\xff');
  const writing = stdin.write(sent).then((isRead) => {
    stdin[Symbol.dispose]();
    return isRead;
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdout.output) chunks.push(chunk);
  stdout[Symbol.dispose]();
  expect(await writing).toBe(true);
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  await ended;
});

it('says when nobody reads any more', async () => {
  const { stdin, stdout, ended } = shell('exec 0<&-');
  await ended;
  expect(await stdin.write(Buffer.from('who is there?'))).toBe(false);
  stdin[Symbol.dispose]();
  stdout[Symbol.dispose]();
});

it('is left while somebody writes without end', async () => {
  const { stdin, stdout, ended } = shell('exec yes');
  let turns = 0;
  for await (const _chunk of stdout.output) {
    if (turns === 0) setTimeout(() => stdout[Symbol.dispose](), 20);
    turns += 1;
  }
  expect(turns).toBeGreaterThan(0);
  expect(await ended).toMatchObject({ signal: 13 }); // SIGPIPE
  stdin[Symbol.dispose]();
});

it('lets a reader and a writer that wait go when it is disposed of', async () => {
  const { stdin, stdout, ended } = shell('sleep 0.2');
  const reading = stdout.output[Symbol.asyncIterator]().next();
  const writing = stdin.write(Buffer.alloc(1 << 20));
  await new Promise((resolve) => setImmediate(resolve));
  stdout[Symbol.dispose]();
  stdout[Symbol.dispose]();
  stdin[Symbol.dispose]();
  expect(await reading).toEqual({ done: true, value: undefined });
  expect(await writing).toBe(false);
  await ended;
});

it('leaves its descriptor to a program that goes on with it', async () => {
  const { stdin, stdout, ended } = shell('read line; echo $line; read line; echo $line');
  const reading = stdout.output[Symbol.asyncIterator]();
  await stdin.write(Buffer.from('one\n'));
  expect(Buffer.from((await reading.next()).value ?? []).toString()).toBe('one\n');
  const waiting = reading.next();
  const rest = makePipe();
  const fds = [stdout.release(), rest.writeEnd, null];
  const reader = spawnProgram('/bin/sh', { args: ['-c', 'exec cat'], env: process.env, fds });
  closeSync(rest.writeEnd);
  stdout[Symbol.dispose]();
  expect(await waiting).toEqual({ done: true, value: undefined });
  await new Promise((resolve) => setTimeout(resolve, 50)); // it waits by then
  await stdin.write(Buffer.from('two\n'));
  stdin[Symbol.dispose]();
  const goesOn = openDescriptorStream(rest.readEnd);
  const said: Uint8Array[] = [];
  for await (const chunk of goesOn.output) said.push(chunk);
  expect(Buffer.concat(said).toString()).toBe('two\n');
  goesOn[Symbol.dispose]();
  await Promise.all([reader.ended, ended]);
});
