// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DigestAlgorithm } from '@lading/image-spec';
import type { BlobStore, Upload, UploadSession } from './blob-store.ts';
import { makeFolder, publish } from './durable.ts';
import { createFileUpload } from './folder-upload.ts';
import { blobPath, uploadsFolder } from './layout-path.ts';
import { isName } from './names.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Uploads as files in `_uploads`. One that goes over several requests has a second file, ID.json, that says
 * where it goes, so that the client may go on after this process was killed.
 */
export function createFolderUploads(
  root: string,
  onPublished: (repository: string) => void,
): Pick<BlobStore, 'begin' | 'beginSession' | 'sessions'> {
  const folder = join(root, uploadsFolder);

  function uploadOf(id: string, algorithm: DigestAlgorithm, size: number): Upload {
    const path = join(folder, id);
    return createFileUpload({
      path,
      algorithm,
      size,
      async publish(repository, digest) {
        const target = blobPath(root, repository, digest);
        await makeFolder(dirname(target));
        await publish(path, target);
        onPublished(repository);
      },
      async discard() {
        await rm(`${path}.json`, { force: true });
        await rm(path, { force: true });
      },
    });
  }

  async function begin(id: string, algorithm: DigestAlgorithm): Promise<Upload> {
    await (await open(join(folder, id), 'wx', 0o644)).close();
    return uploadOf(id, algorithm, 0);
  }

  async function resume(id: string): Promise<UploadSession | undefined> {
    const stored = parseSession(await readFile(join(folder, `${id}.json`), 'utf8').catch(() => ''));
    const file = await stat(join(folder, id)).catch(() => undefined);
    if (stored === undefined || file === undefined) return undefined;
    const upload = uploadOf(id, stored.algorithm, file.size);
    return { id, repository: stored.repository, upload, usedMs: file.mtimeMs };
  }

  return {
    begin: (algorithm) => begin(randomUUID(), algorithm),
    async beginSession(repository, algorithm) {
      const id = randomUUID();
      const upload = await begin(id, algorithm);
      await writeFile(join(folder, `${id}.json`), JSON.stringify({ repository, algorithm }), { flag: 'wx' });
      return { id, repository, upload, usedMs: Date.now() };
    },
    async sessions() {
      const sessions: UploadSession[] = [];
      for (const name of await readdir(folder)) {
        const id = name.replace(/\.json$/, '');
        const session = uuid.test(id) ? await resume(id) : undefined;
        // What belongs to a request that ended with its process cannot be continued.
        if (session === undefined) await rm(join(folder, name), { recursive: true, force: true });
        else if (id === name) sessions.push(session);
      }
      return sessions;
    },
  };
}

function parseSession(text: string): { repository: string; algorithm: DigestAlgorithm } | undefined {
  try {
    const { repository, algorithm } = JSON.parse(text) as { repository?: unknown; algorithm?: unknown };
    if (typeof repository !== 'string' || !isName(repository)) return undefined;
    return algorithm === 'sha256' || algorithm === 'sha512' ? { repository, algorithm } : undefined;
  } catch {
    return undefined; // the process ended while it wrote this
  }
}
