// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { digestBytes } from '@lading/image-spec';

export async function run({ args, environment }: CommandCall): Promise<number> {
  const [file = ''] = args;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(resolve(environment.cwd, file));
  } catch (cause) {
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(code, `cannot read the manifest ${file}: ${reason ?? message}`, { cause });
  }
  await environment.stdout(`${await digestBytes(bytes)}\n`);
  return 0;
}
