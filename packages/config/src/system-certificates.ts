// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { readText } from './files.ts';

// Where the distributions keep them, in the order in which Go's programs look.
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const folders = ['/etc/ssl/certs', '/etc/pki/tls/certs'];

/**
 * The authorities that this machine trusts: its own and those of Node. Where `SSL_CERT_FILE` or `SSL_CERT_DIR`
 * (folders between colons) is set, as for Go's programs the named ones alone.
 */
export async function systemAuthorities(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: directories } = env;
  const bundle = await firstBundle(file ? [file] : bundles);
  if (!file && !directories) {
    // Costs as much as the rest of a short command, which may need no certificates.
    const { getCACertificates } = await import('node:tls');
    return [...getCACertificates('default'), ...bundle];
  }
  const named = directories ? directories.split(':').filter((one) => one !== '') : folders;
  const found = await Promise.all(named.map(certificatesIn));
  return [...new Set([...bundle, ...found.flat()])];
}

async function firstBundle(paths: readonly string[]): Promise<readonly string[]> {
  for (const path of paths) {
    const text = await readText(path);
    if (text !== undefined) return certificatesOf(text);
  }
  return [];
}

async function certificatesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => join(folder, name));
    const texts = await Promise.all(files.map((path) => readText(path)));
    return texts.flatMap((text) => certificatesOf(text ?? ''));
  } catch (error) {
    if (LadingError.from(error).code === Code.NotFound) return [];
    throw error;
  }
}

/** The certificates of a file that may have text, keys and certificates. */
function certificatesOf(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}
