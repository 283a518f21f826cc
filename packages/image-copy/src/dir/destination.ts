// SPDX-License-Identifier: Apache-2.0

import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { makeFolders } from '@lading/linux';
import { isTemporaryName, removeAbandoned } from '@lading/registry-client/layout';
import { hasFile, readDocument, replaceFile, writeBlobFile } from '../blob-file.ts';
import { formatSignatureFile } from '../trust/format-signature.ts';
import type { ImageDestination } from '../types.ts';
import { dirBlobPath, isOurs, manifestPath, signaturePath, versionPath, versionText } from './files.ts';
import { replaceManifest } from './replace-manifest.ts';

/**
 * Writes an image into a folder: blobs under their hex digests, `manifest.json` last. An image that is there
 * is replaced. A folder with anything else in it is refused.
 */
export function createDirDestination(folder: string, text: string): ImageDestination {
  const written = new Set<string>();
  const kept = new Set<string>();
  const signatures = new Map<string, Uint8Array>();
  let manifest: Uint8Array | undefined;
  let ready: Promise<boolean> | undefined;
  let committed = false;

  /** Resolves to whether the folder was made here. */
  async function prepare(): Promise<boolean> {
    const made = makeFolders(folder, 0o777);
    // What a process that was killed has left says nothing of whose the folder is.
    const names = made ? [] : (await readdir(folder)).filter((name) => !isTemporaryName(name));
    if (names.length > 0 && !(names.includes('version') && (await isVersionOurs()))) {
      throw new LadingError(
        Code.FailedPrecondition,
        `${folder} is not empty and not written by dir:, name another folder`,
      );
    }
    if (names.length === 0) {
      await replaceFile(versionPath(folder), versionText);
      written.add(versionPath(folder));
    }
    return made;
  }

  async function isVersionOurs(): Promise<boolean> {
    return Buffer.from(await readDocument(versionPath(folder), 'the version', 'DIR_INVALID')).equals(
      Buffer.from(versionText),
    );
  }

  return {
    reference: text,
    async putBlob(descriptor, source, options) {
      ready ??= prepare();
      await ready;
      const path = dirBlobPath(folder, descriptor.digest);
      kept.add(basename(path));
      if (await hasFile(path, descriptor.size)) return 'exists';
      await writeBlobFile(path, descriptor, source(), options);
      written.add(path);
      return 'stored';
    },
    async putManifest(bytes, _mediaType, { instance } = {}) {
      ready ??= prepare();
      await ready;
      if (instance === undefined) {
        manifest = bytes;
        return;
      }
      const path = manifestPath(folder, instance);
      kept.add(basename(path));
      if (!(await hasFile(path, bytes.length))) written.add(path);
      await replaceFile(path, bytes);
    },
    async putSignatures(given, { instance }) {
      for (const [i, signature] of given.entries()) {
        signatures.set(signaturePath(folder, i + 1, instance), formatSignatureFile(signature));
      }
    },
    async commit({ signal } = {}) {
      if (manifest === undefined) throw new LadingError(Code.FailedPrecondition, 'no manifest was put');
      signal?.throwIfAborted();
      await replaceManifest(folder, manifest, signatures);
      committed = true;
      for (const path of signatures.keys()) kept.add(basename(path));
      for (const name of await readdir(folder)) {
        if (isOurs(name) && !kept.has(name)) await rm(join(folder, name), { force: true });
      }
      await removeAbandoned(folder);
    },
    async abort() {
      if (committed || ready === undefined) return;
      const made = await ready.catch(() => false); // its failure is already the caller's
      for (const path of written) await rm(path, { force: true });
      written.clear();
      if (made) await rmdir(folder);
    },
    async close() {},
  };
}
