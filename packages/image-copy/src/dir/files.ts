// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type Digest, digestAlgorithm, digestHex } from '@lading/image-spec';

/** What marks a folder as written by the transport `dir:`, with its line end. */
export const versionText = 'Directory Transport Version: 1.1\n';

export function versionPath(folder: string): string {
  return join(folder, 'version');
}

export function manifestPath(folder: string, instance?: Digest): string {
  return join(folder, instance === undefined ? 'manifest.json' : `${nameOf(instance)}.manifest.json`);
}

function nameOf(digest: Digest): string {
  const algorithm = digestAlgorithm(digest);
  return algorithm === 'sha256' ? digestHex(digest) : `${algorithm}-${digestHex(digest)}`;
}

/** Signatures are numbered from 1. */
export function signaturePath(folder: string, number: number, instance?: Digest): string {
  const prefix = instance === undefined ? '' : `${nameOf(instance)}.`;
  return join(folder, `${prefix}signature-${number}`);
}

export function dirBlobPath(folder: string, digest: Digest): string {
  return join(folder, nameOf(digest));
}

/** Files that an earlier image may have left and this transport may remove. */
export function isOurs(name: string): boolean {
  return /^(?:HEX(?:\.manifest\.json)?|(?:HEX\.)?signature-\d+)$/.test(
    name.replace(/^(?:sha512-)?[0-9a-f]{64,128}(?=\.|$)/, 'HEX'),
  );
}

/** Signatures of what `manifest.json` is, and not of a manifest that it lists. */
export function isTopSignature(name: string): boolean {
  return /^signature-\d+$/.test(name);
}
