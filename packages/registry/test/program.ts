// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach } from 'vitest';
import { bundled } from '../../../tools/test-support/bundled.ts';

const main = bundled(join(import.meta.dirname, '../src/main.ts'));
const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const action of cleanup.splice(0).reverse()) await action();
});

/** Does something after the test, also when it fails. */
export function later(action: () => Promise<unknown>): void {
  cleanup.push(action);
}

/** An empty folder for the time of the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-registry-program-'));
  later(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs; it is killed after the test if it still does. */
export interface Started {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
  /** What it has written on stderr so far. */
  stderr(): string;
}

export function start(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly stdin?: string } = {},
): Started {
  const child = spawn(command, args, { stdio: 'pipe', env: options.env ?? process.env });
  later(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'))
      await once(child, 'exit');
  });
  child.stdin.on('error', () => undefined); // a program that does not read its stdin
  child.stdin.end(options.stdin ?? '');
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const outcome = once(child, 'close').then(([code]) => ({
    code,
    stdout: out.join(''),
    stderr: err.join(''),
  }));
  return { child, outcome, stderr: () => err.join('') };
}

/** Runs a program to its end; gives what it prints, and throws what it says when it fails. */
export async function output(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly stdin?: string } = {},
): Promise<string> {
  const { code, stdout, stderr } = await start(command, args, options).outcome.catch((error: unknown) => {
    throw new Error(`${command} cannot be run; is its Debian package installed?`, { cause: error });
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

export function serve(args: readonly string[], env?: NodeJS.ProcessEnv): Started {
  return startProgram(['serve', ...args], env);
}

/** Starts lading-registry. */
export function startProgram(args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  return start(process.execPath, [main, ...args], { env: { ...process.env, ...env } });
}

/** Starts the program and gives the host of the line that it prints. */
export async function listening(
  args: readonly string[] = [],
  env?: NodeJS.ProcessEnv,
): Promise<Started & { readonly host: string; readonly url: string }> {
  const started = serve(['--addr', '127.0.0.1:0', ...args], env);
  const { child, outcome } = started;
  if (child.stdout === null) throw new Error('the program has no stdout');
  const [line]: unknown[] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    outcome.then(({ stderr }) => {
      throw new Error(`lading-registry ended: ${stderr}`);
    }),
  ]);
  const [, url, host] = /^listening on (https?:\/\/(127\.0\.0\.1:\d+))$/.exec(String(line)) ?? [];
  if (host === undefined || url === undefined) throw new Error(`unexpected line: ${line}`);
  return { ...started, host, url };
}

/** Files of a server's certificate and of the authority that signed it. */
export interface CertificateFiles {
  /** A folder with `ca.crt` alone, as `--cert-dir` wants it. */
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
}

/** A certificate for 127.0.0.1, made with openssl. */
export async function makeCertificate(): Promise<CertificateFiles> {
  const [authority, folder] = [await makeFolder(), await makeFolder()];
  const [ca, caKey] = [join(authority, 'ca.crt'), join(folder, 'ca.key')];
  const [cert, key, request] = [
    join(folder, 'cert.pem'),
    join(folder, 'key.pem'),
    join(folder, 'request.pem'),
  ];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const ends = ['-days', '2'];
  await output('openssl', [
    'req',
    '-x509',
    ...kind,
    ...ends,
    '-subj',
    '/CN=ca',
    '-keyout',
    caKey,
    '-out',
    ca,
  ]);
  await output('openssl', ['req', ...kind, '-subj', '/CN=registry', '-keyout', key, '-out', request]);
  const names = join(folder, 'names.cnf');
  await writeFile(names, 'subjectAltName=IP:127.0.0.1\n');
  const signed = ['-CA', ca, '-CAkey', caKey, '-extfile', names];
  await output('openssl', ['x509', '-req', '-in', request, ...ends, ...signed, '-out', cert]);
  return { authority, cert, key };
}
