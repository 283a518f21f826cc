// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's docker-registry on a folder of its own. */
export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly pid: number;
}

export interface DockerRegistryOptions {
  /** The one user that is let in. Default: everyone is. */
  readonly user?: Readonly<{ username: string; password: string }> | undefined;
  /** Files with the certificate and its key. Default: plain HTTP. */
  readonly tls?: Readonly<{ certificate: string; key: string }> | undefined;
  /** Whether it takes manifests of schema 1. Default: no, as usual. */
  readonly schema1?: boolean;
  /** The folder in which the registry gets its own. Default: that of temporary files. */
  readonly parent?: string;
}

export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const { user, tls, schema1 = false, parent = tmpdir() } = options;
  const folder = await mkdtemp(join(parent, 'lading-docker-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const config: Record<string, unknown> = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: host, ...(tls === undefined ? {} : { tls }) },
  };
  if (schema1) config.compatibility = { schema1: { enabled: true } };
  if (user !== undefined) {
    const path = join(folder, 'htpasswd');
    await writeFile(path, run('apache2-utils', 'htpasswd', ['-nbB', user.username, user.password]));
    config.auth = { htpasswd: { realm: 'test', path } };
  }
  // JSON is YAML.
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', () =>
      reject(new Error('docker-registry is missing: install Debian package docker-registry')),
    );
    child.once('exit', (code) => reject(new Error(`docker-registry ended with ${code}`)));
  });
  const ended = once(child, 'exit').catch(() => undefined);
  failed.catch(() => undefined);
  await Promise.race([listens(host), failed]);
  return {
    host,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listens(host: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const socket = connect(Number(host.split(':')[1]), '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      socket.destroy();
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** Runs a program to its end; a missing one is named with the Debian package that has it. */
export function run(debianPackage: string, program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(`${program} is missing: install Debian package ${debianPackage}`);
    }
    throw error;
  }
}
