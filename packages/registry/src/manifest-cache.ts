// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';

/** The bytes of manifests that were asked for lately. */
export interface ManifestCache {
  get(digest: Digest): Uint8Array | undefined;
  set(digest: Digest, bytes: Uint8Array): void;
}

/** Keeps at most `limitBytes`; what was not asked for longest goes first. */
export function createManifestCache(limitBytes: number): ManifestCache {
  const kept = new Map<Digest, Uint8Array>();
  let bytesKept = 0;
  const drop = (digest: Digest) => {
    bytesKept -= kept.get(digest)?.length ?? 0;
    kept.delete(digest);
  };

  return {
    get(digest) {
      const bytes = kept.get(digest);
      if (bytes === undefined) return undefined;
      kept.delete(digest);
      kept.set(digest, bytes);
      return bytes;
    },
    set(digest, bytes) {
      if (bytes.length > limitBytes) return;
      drop(digest);
      kept.set(digest, bytes);
      bytesKept += bytes.length;
      for (const oldest of kept.keys()) {
        if (bytesKept <= limitBytes) break;
        drop(oldest);
      }
    },
  };
}
