// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return Buffer.concat(found);
}

/** The names in an archive, as GNU tar lists them. */
export async function namesOf(archive: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const input = await bytesOf(archive);
  const text = execFileSync('tar', ['-tf', '-', '--quoting-style=literal'], { input, encoding: 'latin1' });
  return text.split('\n').filter((name) => name !== '');
}
