// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { Code, LadingError } from '@lading/errors';
import { passwordOrToken } from './auth-file.ts';
import type { StoredCredentials } from './credentials.ts';
import { isRecord, shown } from './text.ts';

/** How a helper is started. */
export interface HelperOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A helper that takes longer is ended. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A list has a line a login; nobody has ten thousand. */
const outputLimitBytes = 1024 * 1024;

/**
 * Asks `docker-credential-NAME` for the credentials of a server. Secrets pass through pipes alone: an argument
 * or a variable can be seen by other processes.
 *
 * @returns undefined when the helper knows none
 * @throws NotFound (`HELPER_NOT_FOUND`) when there is no such program
 * @see https://github.com/docker/docker-credential-helpers#development
 */
export async function getFromHelper(
  name: string,
  server: string,
  options: HelperOptions,
): Promise<StoredCredentials | undefined> {
  const { code, output } = await run(name, 'get', server, options);
  if (code !== 0) {
    if (/credentials not found|no usernames|no credentials/i.test(output)) return undefined;
    throw failure(name, 'get', server);
  }
  const answer = parse(output);
  if (answer === undefined) throw failure(name, 'get', server, 'it does not answer in JSON');
  const { Username: username, Secret: secret } = answer;
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw failure(name, 'get', server, 'its answer has no Username and Secret');
  }
  if (secret === '') return undefined;
  return passwordOrToken(username, secret);
}

/** Gives credentials to a helper to keep. */
export async function storeInHelper(
  name: string,
  server: string,
  credentials: StoredCredentials,
  options: HelperOptions,
): Promise<void> {
  if ('registryToken' in credentials) {
    throw new LadingError(
      Code.InvalidArgument,
      'a credential helper keeps passwords and identity tokens, no registry token',
    );
  }
  const [username, secret] =
    'identityToken' in credentials
      ? ['<token>', credentials.identityToken]
      : [credentials.username, credentials.password];
  const message = JSON.stringify({ ServerURL: server, Username: username, Secret: secret });
  const { code } = await run(name, 'store', message, options);
  if (code !== 0) throw failure(name, 'store', server);
}

/** Makes a helper forget a server. */
export async function eraseFromHelper(name: string, server: string, options: HelperOptions): Promise<void> {
  const { code, output } = await run(name, 'erase', server, options);
  if (code !== 0 && !/credentials not found/i.test(output)) throw failure(name, 'erase', server);
}

/** The servers that a helper knows a login for, with the user names. */
export async function listInHelper(
  name: string,
  options: HelperOptions,
): Promise<ReadonlyMap<string, string>> {
  const { code, output } = await run(name, 'list', '', options);
  const answer = code === 0 ? parse(output) : undefined;
  if (answer === undefined) throw failure(name, 'list', 'all servers');
  const pairs = Object.entries(answer).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return new Map(pairs);
}

function run(
  name: string,
  action: string,
  input: string,
  { env, timeoutMs, signal }: HelperOptions,
): Promise<{ code: number | null; output: string }> {
  // The name becomes a part of a program's: a slash in it would start any program.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new LadingError(Code.InvalidArgument, `${shown(name)} is not the name of a credential helper`);
  }
  const program = `docker-credential-${name}`;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [action], {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
      killSignal: 'SIGKILL',
      ...(signal === undefined ? {} : { signal }),
    });
    const chunks: Buffer[] = [];
    let size = 0;
    // Not waited for: a program of the helper's own may hold its output open for as long as it likes.
    const end = (why: string): void => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      reject(failure(name, action, action === 'get' ? input : 'a server', why));
    };
    const timer = setTimeout(end, timeoutMs, `it did not answer within ${timeoutMs} ms`);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > outputLimitBytes) end('its answer has no end');
      else chunks.push(chunk);
    });
    child.on('error', (cause) => {
      clearTimeout(timer);
      const known = LadingError.from(cause);
      if (known.code !== Code.NotFound && known.code !== Code.PermissionDenied) return reject(known);
      reject(
        new LadingError(Code.NotFound, `the credential helper ${program} is not installed`, {
          reason: 'HELPER_NOT_FOUND',
          cause,
        }),
      );
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output: Buffer.concat(chunks).toString('utf8') });
    });
    // A helper may end without reading what it is told; its exit code says how it went.
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${input}\n`);
  });
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Says nothing of the helper's output, which may hold the secret. */
function failure(name: string, action: string, server: string, why?: string): LadingError {
  return new LadingError(
    Code.Unavailable,
    `docker-credential-${name} ${action} failed for ${shown(server)}${why === undefined ? '' : `: ${why}`}`,
    { reason: 'HELPER_FAILED' },
  );
}
