// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** gpg with keys of its own. */
export interface TestGpg {
  /** For the programs that are to use it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Makes a key; resolves to its fingerprint. Default: without a passphrase. */
  makeKey(name: string, passphrase?: string): Promise<string>;
  /** The public key of that name, in a file of the folder. */
  publicKeyFile(name: string): string;
  publicKey(name: string): Promise<Uint8Array>;
  /** Ends its agent; to be called before the folder is removed. */
  stop(): Promise<void>;
}

/** Starts with no keys, in a folder that has room for it. Paths are short, for sockets are in them. */
export async function makeGpg(folder: string): Promise<TestGpg> {
  const home = join(folder, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  const env = { ...process.env, GNUPGHOME: home };
  const gpg = (...args: string[]): Promise<string> =>
    run(env, 'gpg', ['--batch', '--quiet', '--pinentry-mode', 'loopback', ...args]);
  const publicKeyFile = (name: string): string => join(folder, `${name}.gpg`);
  return {
    env,
    async makeKey(name, passphrase = '') {
      await gpg('--passphrase', passphrase, '--quick-generate-key', name, 'rsa2048', 'sign', 'never');
      const listed = await gpg('--with-colons', '--fingerprint', name);
      const [, fingerprint] = /^fpr:+([0-9A-F]+):/m.exec(listed) ?? [];
      if (fingerprint === undefined) throw new Error(`gpg does not tell the fingerprint of ${name}`);
      await gpg('--output', publicKeyFile(name), '--export', name);
      return fingerprint;
    },
    publicKeyFile,
    publicKey: (name) => readFile(publicKeyFile(name)),
    stop: () => stopGpg(home),
  };
}

/** Ends the agent of a folder with keys. */
export async function stopGpg(home: string): Promise<void> {
  await run(process.env, 'gpgconf', ['--homedir', home, '--kill', 'all']);
}

function run(env: TestGpg['env'], program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { env: { ...env } }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT')
        reject(new Error(`${program} is not installed; apt-get install gnupg`));
      else reject(error);
    });
  });
}
