// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const bin = join(import.meta.dirname, '../../node_modules/.bin');

/** The path of one of Lading's programs, as the workspace links it. */
function program(name: string): string {
  return join(bin, name);
}

/** Runs a program to its end and gives its stdout; a failure carries what it said on stderr. */
export async function run(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(program(name), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ]);
  if (code !== 0)
    throw new Error(`${name} ${args.join(' ')} ended with ${signal ?? code}: ${err.trim() || out.trim()}`);
  return out;
}

/** A server that runs until it is disposed of. */
export interface Server extends AsyncDisposable {
  /** The first line it printed on stdout. */
  readonly line: string;
  readonly pid: number;
}

/** Starts a server and waits for its first line on stdout, which says that it is ready. */
export async function startServer(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Server> {
  const child = spawn(program(name), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    ended.then(() => {
      throw new Error(`${name} ended before it was ready: ${errors.join('\n')}`);
    }),
  ]);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} did not start`);
  return {
    line: first[0],
    pid,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
