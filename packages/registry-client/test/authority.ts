// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../tools/test-support/docker-registry.ts';

/** A certificate and its key, as texts and as files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority for one test. */
export interface Authority extends AsyncDisposable {
  readonly folder: string;
  readonly ca: string;
  readonly caFile: string;
  /** Issues a certificate for 127.0.0.1 and these names. */
  issue(name: string, ...names: readonly string[]): Promise<Issued>;
}

const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export async function makeAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-authority-'));
  const [caFile, caKey] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
  const openssl = (...args: readonly string[]) => run('openssl', 'openssl', args);
  openssl(
    'req',
    '-x509',
    ...kind,
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
    '-keyout',
    caKey,
    '-out',
    caFile,
  );
  return {
    folder,
    caFile,
    ca: await readFile(caFile, 'utf8'),
    async issue(name, ...names) {
      const file = (kind: string) => join(folder, `${name}.${kind}`);
      const [certFile, keyFile] = [file('cert'), file('key')];
      await writeFile(
        file('ext'),
        `subjectAltName=${['IP:127.0.0.1', ...names.map((dns) => `DNS:${dns}`)].join(',')}\n`,
      );
      openssl('req', '-new', ...kind, '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', file('csr'));
      const signed = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-days', '2'];
      openssl('x509', '-req', '-in', file('csr'), ...signed, '-extfile', file('ext'), '-out', certFile);
      return {
        cert: await readFile(certFile, 'utf8'),
        key: await readFile(keyFile, 'utf8'),
        certFile,
        keyFile,
      };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
