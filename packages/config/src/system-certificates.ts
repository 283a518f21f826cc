// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode } from '@lading/errors';
import { readText } from './files.ts';

/**
 * The authorities that `SSL_CERT_FILE` and `SSL_CERT_DIR` (folders between colons) name, as Go's programs take
 * them: instead of those that are trusted anyway. Undefined where neither is set.
 */
export async function trustedAuthorities(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[] | undefined> {
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: folders } = env;
  if (!file && !folders) return undefined;
  const texts: string[] = [];
  const add = async (path: string): Promise<void> => {
    const text = await readText(path);
    if (text?.includes('-----BEGIN CERTIFICATE-----')) texts.push(text);
  };
  if (file) await add(file);
  for (const folder of (folders ?? '').split(':').filter((one) => one !== '')) {
    for (const name of await namesIn(folder)) await add(join(folder, name));
  }
  return texts;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return [];
    throw error;
  }
}
