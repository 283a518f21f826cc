// SPDX-License-Identifier: Apache-2.0
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { RegistryServer, ServerTls } from './start-registry.ts';

/** The two PEM files of a server. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Files are looked at this often; that also finds a symbolic link that was turned to another folder. */
const lookMs = 2_000;

export async function readTlsFiles({ cert, key }: TlsFiles): Promise<ServerTls> {
  const [certBytes, keyBytes] = await Promise.all([readFile(cert), readFile(key)]);
  return { cert: certBytes, key: keyBytes };
}

/**
 * Gives the server its certificate anew when one of the files has changed. Between the change of one and of the
 * other they do not fit: that is reported, and the old certificate stays.
 */
export function watchTlsFiles(
  files: TlsFiles,
  server: RegistryServer,
  onError: (error: unknown) => void,
): Disposable & { reload(): void } {
  const reload = (): void => {
    readTlsFiles(files)
      .then((tls) => server.renewTls(tls))
      .catch(onError);
  };
  for (const file of Object.values(files)) {
    watchFile(file, { interval: lookMs, persistent: false }, reload);
  }
  return {
    reload,
    [Symbol.dispose]() {
      for (const file of Object.values(files)) unwatchFile(file, reload);
    },
  };
}
