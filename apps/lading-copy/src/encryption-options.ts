// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { type CopyOptions, readDecryptionKey, readEncryptionKey } from '@lading/image-copy';

/** The keys that layers are to be encrypted or decrypted with. */
export async function encryptionOptions({
  flags,
  environment: { cwd },
}: CommandCall): Promise<Pick<CopyOptions, 'encryption' | 'decryptionKeys'>> {
  const encryption = flags.strings('encryption-key');
  const decryption = flags.strings('decryption-key');
  const layers = flags.strings('encrypt-layer').map(layerNumber);
  // An empty variable of a script must not encrypt all of them.
  if (layers.length === 0 && flags.given('encrypt-layer')) layerNumber('');
  if (layers.length > 0 && encryption.length === 0) {
    throw usageError('--encrypt-layer can only be used with --encryption-key');
  }
  if (encryption.length > 0 && decryption.length > 0) {
    throw usageError('--encryption-key and --decryption-key cannot be specified together');
  }
  if (encryption.length > 0) {
    const keys = await Promise.all(encryption.map((text) => readEncryptionKey(text, { cwd })));
    return { encryption: { keys, layers } };
  }
  if (decryption.length === 0) return {};
  return { decryptionKeys: await Promise.all(decryption.map((text) => readDecryptionKey(text, { cwd }))) };
}

function layerNumber(text: string): number {
  if (/^-?\d{1,6}$/.test(text)) return Number(text);
  throw usageError(`invalid argument "${text}" for "--encrypt-layer" flag: a whole number is wanted`);
}
