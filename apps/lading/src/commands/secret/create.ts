// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { quote } from '@lading/go-template';
import { withEngine } from '../../engine.ts';
import { pairsToRecord } from '../../options/key-value.ts';

/** More than any secret may have: the engine says so, and no endless file fills the memory. */
const enoughBytes = 512_001;

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [name = '', source = ''] = args;
  const driver = flags.string('driver') || 'file';
  if (driver !== 'file') throw usageError(`secret driver ${quote(driver)} is not there: use file`);
  if (flags.given('driver-opts'))
    throw usageError('the secret driver file takes no options: leave --driver-opts out');
  const replace = flags.boolean('replace');
  if (replace && flags.boolean('ignore')) throw usageError('choose either --ignore or --replace');
  const whenThere = replace ? 'replace' : flags.boolean('ignore') ? 'keep' : 'refuse';
  const data = await readSource(call, source);
  const labels = pairsToRecord(flags.strings('label'));
  const { id } = await withEngine(call, ({ secrets }) => secrets.create({ name, data, labels, whenThere }));
  await environment.stdout(`${id}\n`);
  return 0;
}

async function readSource({ flags, environment }: CommandCall, source: string): Promise<Uint8Array> {
  if (flags.boolean('env')) {
    const value = environment.env[source];
    if (value !== undefined) return Buffer.from(value);
    throw new LadingError(
      Code.NotFound,
      `cannot create store secret data: environment variable ${source} is not set`,
    );
  }
  if (source === '-') {
    if (environment.stdinIsTerminal) throw usageError('if `-` is used, data must be passed into stdin');
    return readSome(environment.stdin);
  }
  const path = resolve(environment.cwd, source);
  try {
    await using file = await open(path);
    return await readSome(file.createReadStream({ autoClose: false }));
  } catch (reason) {
    const { code, message } = LadingError.from(reason);
    const problem = code === Code.NotFound ? 'no such file or directory' : message;
    throw new LadingError(code, `open ${source}: ${problem}`, { cause: reason });
  }
}

async function readSome(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    parts.push(Uint8Array.from(chunk));
    sizeBytes += chunk.byteLength;
    if (sizeBytes >= enoughBytes) break;
  }
  return Buffer.concat(parts);
}
