// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { type CommandCall, usageError } from '@lading/command-line';
import { startRegistry } from './start-registry.ts';

/** How long a transfer may go on after the registry was asked to end. */
const graceMs = 5_000;

/** `lading-registry serve`: runs until the environment's signal is aborted. */
export async function run({ flags, environment }: CommandCall): Promise<number> {
  const { host, port } = parseAddress(flags.string('addr') ?? '');
  const { signal } = environment;
  const cert = flags.string('tls-cert');
  const key = flags.string('tls-key');
  if ((cert === undefined) !== (key === undefined)) throw usageError('--tls-cert and --tls-key go together');
  const server = await startRegistry({
    host,
    port,
    root: flags.string('root'),
    tls:
      cert === undefined || key === undefined
        ? undefined
        : { cert: await readFile(cert), key: await readFile(key) },
    onError: (error) => environment.stderr(`Error: ${error instanceof Error ? error.message : error}\n`),
  });
  try {
    await environment.stdout(`listening on ${server.url}\n`);
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
  } finally {
    await server.close({ graceMs });
  }
  return 0;
}

/** `HOST:PORT`, `[::1]:PORT`, or `:PORT` for every address of the machine. */
export function parseAddress(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535)
    throw usageError(`--addr ${text}: write HOST:PORT, as in 127.0.0.1:5000`);
  return { host: bracketed ?? (plain === '' || plain === undefined ? '::' : plain), port };
}
