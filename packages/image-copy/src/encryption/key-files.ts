// SPDX-License-Identifier: Apache-2.0
import { read } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Code, LadingError } from '@lading/errors';

/** Reads a file with a key or a password. @throws an error that names it, without its content */
export async function readKeyFile(path: string, cwd: string): Promise<Buffer> {
  try {
    return await readFile(resolve(cwd, path));
  } catch (cause) {
    const known = LadingError.from(cause);
    throw new LadingError(known.code, `the key file ${path}: ${known.message}`, { cause });
  }
}

/** What the password may be: the line end of a file is of the password for ocicrypt, and seldom meant. */
export async function readPasswords(text: string, cwd: string): Promise<readonly string[]> {
  const [, kind, value = ''] = /^(file|pass|fd)=(.*)$/s.exec(text) ?? [];
  if (kind === 'pass') return [value];
  if (kind === undefined) return [text];
  const found = kind === 'file' ? (await readKeyFile(value, cwd)).toString() : await readDescriptor(value);
  return [found, found.replace(/\r?\n$/, '')];
}

async function readDescriptor(number: string): Promise<string> {
  if (!/^\d{1,6}$/.test(number)) {
    throw new LadingError(Code.InvalidArgument, 'the password of a decryption key: fd= takes a number');
  }
  const { bytesRead, buffer } = await promisify(read)(Number(number), Buffer.alloc(64), 0, 64, null);
  return buffer.toString('utf8', 0, bytesRead);
}
