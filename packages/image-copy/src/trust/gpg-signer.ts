// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type GpgOptions, runGpg } from './gpg.ts';
import type { ImageSigner } from './image-signer.ts';
import { formatPayload } from './payload.ts';

/** Options of {@link createGpgSigner}. */
export interface GpgSignerOptions {
  /** A fingerprint, or whatever else gpg finds a secret key by. */
  readonly key: string;
  /** Default: gpg asks for it itself, by its agent. */
  readonly passphrase?: string | undefined;
  /** The environment of gpg, where `GNUPGHOME` says where keys are. Default: `process.env`. */
  readonly env?: GpgOptions['env'];
}

/**
 * Signs with a key of gpg (simple signing), which has to be installed: secret keys stay there.
 *
 * @throws InvalidArgument for no key, and a passphrase with a line break
 * @see https://github.com/containers/image/blob/main/docs/containers-signature.5.md
 */
export function createGpgSigner({ key, passphrase, env }: GpgSignerOptions): ImageSigner {
  if (key === '') throw new LadingError(Code.InvalidArgument, 'name a key to sign with by its fingerprint');
  if (passphrase?.includes('\n')) {
    throw new LadingError(Code.InvalidArgument, 'a passphrase for gpg has no line break in it');
  }
  return {
    kind: 'simple',
    async sign(claim, { signal } = {}) {
      const payload = formatPayload(claim, 'simple');
      const bytes = await runGpg([`--local-user=${key}`, '--sign'], payload, passphrase || undefined, {
        env,
        signal,
      });
      return { kind: 'simple', bytes };
    },
  };
}

/**
 * The public keys that gpg has for these fingerprints, as `evaluatePolicy` and `verifySimpleSignature` take them.
 *
 * @throws NotFound when it has none (`KEY_UNKNOWN`), or is not installed (`GPG_NOT_FOUND`)
 */
export async function exportGpgKeys(
  fingerprints: readonly string[],
  options: GpgOptions = {},
): Promise<Uint8Array> {
  const keys = await runGpg(['--export', '--', ...fingerprints], new Uint8Array(), undefined, options);
  if (keys.length > 0) return keys;
  throw new LadingError(Code.NotFound, 'gpg has no public key with this fingerprint', {
    reason: 'KEY_UNKNOWN',
  });
}
