// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { pathToFileURL } from 'node:url';
import type { SignatureStorage, SignatureStorages } from '@lading/config';
import { formatReference, type Reference } from '@lading/image-spec';
import { referenceScopes } from './policy-name.ts';

/** Where the signatures of an image in a registry are kept. */
export interface ReferenceStorage {
  readonly lookaside: string;
  /** Where they are written to. */
  readonly staging: string;
  readonly useSigstoreAttachments: boolean;
}

/** Each setting is that of the most specific scope which has it. */
export function signatureStorageOf(
  reference: Reference,
  storages: SignatureStorages | undefined,
  uid: number = process.getuid?.() ?? 0,
): ReferenceStorage {
  const { tag, digest } = reference;
  const scopes =
    tag !== undefined && digest !== undefined ? [formatReference(reference)] : referenceScopes(reference);
  const found: SignatureStorage[] = [];
  for (const scope of scopes) {
    const storage = storages?.docker.get(scope);
    if (storage !== undefined) found.push(storage);
  }
  if (storages?.defaultDocker !== undefined) found.push(storages.defaultDocker);
  const own = uid === 0 ? '/var/lib/containers/sigstore' : `${homedir()}/.local/share/containers/sigstore`;
  const first = (of: (storage: SignatureStorage) => string | undefined): string =>
    found.map(of).find((url) => url !== undefined) ?? pathToFileURL(own).href;
  return {
    lookaside: first(({ lookaside }) => lookaside),
    staging: first(({ lookaside, lookasideStaging }) => lookasideStaging ?? lookaside),
    useSigstoreAttachments:
      found.find((one) => one.useSigstoreAttachments !== undefined)?.useSigstoreAttachments ?? false,
  };
}
