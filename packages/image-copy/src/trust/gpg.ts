// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { Code, LadingError } from '@lading/errors';
import { signatureLimitBytes } from './image-signature.ts';

/** How gpg is started. */
export interface GpgOptions {
  /** `GNUPGHOME` says where keys are. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs gpg, and resolves to what it writes. Secret keys stay with it, and a passphrase goes through a pipe: an
 * argument can be seen by other processes.
 *
 * @throws NotFound (`GPG_NOT_FOUND`) when it is not installed; FailedPrecondition (`GPG_FAILED`) with its last words
 */
export function runGpg(
  args: readonly string[],
  input: Uint8Array,
  passphrase: string | undefined,
  { env = process.env, signal }: GpgOptions,
): Promise<Uint8Array> {
  const secret = passphrase === undefined ? [] : ['--pinentry-mode', 'loopback', '--passphrase-fd', '3'];
  return new Promise((resolve, reject) => {
    const child = spawn('gpg', ['--batch', '--no-tty', ...secret, ...args], {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'pipe', passphrase === undefined ? 'ignore' : 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    });
    const output: Buffer[] = [];
    let said = '';
    let size = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= signatureLimitBytes) output.push(chunk);
      else child.kill();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4096);
    });
    child.on('error', (cause) => {
      const known = LadingError.from(cause);
      if (known.code !== Code.NotFound) return reject(known);
      reject(
        new LadingError(Code.NotFound, 'gpg is not installed: install the package gnupg, or gnupg2', {
          reason: 'GPG_NOT_FOUND',
          cause,
        }),
      );
    });
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(failure(said));
    });
    write(child.stdin, input);
    const secretPipe = child.stdio[3];
    if (secretPipe !== undefined && secretPipe !== null && 'write' in secretPipe) {
      write(secretPipe, `${passphrase}\n`);
    }
  });
}

/** It may end without reading all; its exit code says how it went. */
function write(pipe: Writable | null, data: Uint8Array | string): void {
  pipe?.on('error', () => undefined);
  pipe?.end(data);
}

function failure(said: string): LadingError {
  const lines = said.split('\n').filter((line) => line.startsWith('gpg: '));
  // What gpg says holds names out of keys, which anyone can choose.
  const last = (lines.at(-1) ?? 'it says nothing').replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200);
  return new LadingError(Code.FailedPrecondition, `gpg failed: ${last.replace(/^gpg: /, '')}`, {
    reason: 'GPG_FAILED',
  });
}
