// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type Digest, digestHex } from '@lading/image-spec';

/** What marks a folder as written by the transport `dir:`, with its line end. */
export const versionText = 'Directory Transport Version: 1.1\n';

export function versionPath(folder: string): string {
  return join(folder, 'version');
}

export function manifestPath(folder: string, instance?: Digest): string {
  return join(folder, instance === undefined ? 'manifest.json' : `${digestHex(instance)}.manifest.json`);
}

/** Signatures are numbered from 1. */
export function signaturePath(folder: string, number: number, instance?: Digest): string {
  const prefix = instance === undefined ? '' : `${digestHex(instance)}.`;
  return join(folder, `${prefix}signature-${number}`);
}

export function dirBlobPath(folder: string, digest: Digest): string {
  return join(folder, digestHex(digest));
}

/** Files that an earlier image may have left and this transport may remove. */
export function isOurs(name: string): boolean {
  return /^(?:[0-9a-f]{64,128}(?:\.manifest\.json)?|(?:[0-9a-f]{64,128}\.)?signature-\d+)$/.test(name);
}
