// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { CopyOptions } from '@lading/image-copy';

/** `--encryption-key`, `--encrypt-layer`: which layers are encrypted, and for whom. */
export async function readEncryption({
  flags,
  environment: { cwd },
}: CommandCall): Promise<Pick<CopyOptions, 'encryption'>> {
  const texts = flags.strings('encryption-key');
  const layers = flags.strings('encrypt-layer').map(layerNumber);
  // An empty variable of a script must not encrypt all of them.
  if (layers.length === 0 && flags.given('encrypt-layer')) layerNumber('');
  if (texts.length === 0) {
    if (layers.length === 0) return {};
    throw usageError('--encrypt-layer can only be used with --encryption-key');
  }
  const { readEncryptionKey } = await import('@lading/image-copy');
  const keys = await Promise.all(texts.map((text) => readEncryptionKey(text, { cwd })));
  return { encryption: { keys, layers } };
}

function layerNumber(text: string): number {
  if (/^-?\d{1,6}$/.test(text)) return Number(text);
  throw usageError(`invalid argument "${text}" for "--encrypt-layer" flag: a whole number is wanted`);
}
