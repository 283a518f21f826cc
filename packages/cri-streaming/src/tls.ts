// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Code, LadingError } from '@lading/errors';

/** A certificate with its chain, and its key: PEM files that may be replaced at any time. */
export interface StreamingTls {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * An HTTPS server that looks at its files before each connection: these are few, and the files are small.
 *
 * @throws LadingError naming the file that cannot be read
 */
export function createTlsServer(tls: StreamingTls, listener?: RequestListener): Server {
  const server = createServer(readPair(tls), listener);
  let seen = stampOf(tls);
  server.prependListener('connection', () => {
    try {
      const now = stampOf(tls);
      if (now === seen) return;
      server.setSecureContext(readPair(tls));
      seen = now;
    } catch {
      // While one file is new and the other is not yet, the pair from before is still good.
    }
  });
  return server;
}

function readPair({ certFile, keyFile }: StreamingTls): { cert: Buffer; key: Buffer } {
  return { cert: read(certFile, 'certificate'), key: read(keyFile, 'key of the certificate') };
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code, message } = LadingError.from(cause, Code.Internal);
    throw new LadingError(code, `cannot read the ${what}, ${file}: ${message}`, { cause });
  }
}

function stampOf({ certFile, keyFile }: StreamingTls): string {
  return [certFile, keyFile]
    .map((file) => statSync(file, { bigint: true }))
    .map(({ ino, mtimeNs, size }) => `${ino} ${mtimeNs} ${size}`)
    .join('\n');
}
