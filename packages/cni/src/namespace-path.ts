// SPDX-License-Identifier: Apache-2.0
import { statfs } from 'node:fs/promises';
import { LadingError } from '@lading/errors';

const nsfs = 0x6e73_6673;
const proc = 0x9fa0;

/**
 * The path if a namespace is there, and an empty text otherwise: the specification's way to say that it is
 * gone. A pin that was unmounted leaves a plain file, at which plugins would fail.
 */
export async function livingNamespace(path: string | undefined): Promise<string> {
  if (path === undefined || path === '') return '';
  try {
    const { type } = await statfs(path);
    return type === nsfs || type === proc ? path : '';
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.reason === 'ENOENT' || failure.reason === 'ENOTDIR') return '';
    throw failure;
  }
}
