// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { BlobStore, Upload } from './blob-store.ts';
import { specError } from './spec-error.ts';

/** An upload that a client has begun and may continue. */
export interface UploadSession {
  readonly id: string;
  readonly repository: string;
  readonly upload: Upload;
}

/** Uploads in progress, by id. */
export interface UploadSessions {
  /** How many there are now. */
  readonly count: number;
  begin(repository: string): Promise<UploadSession>;
  /** Runs `work` with the upload; a second request for it meanwhile is refused. */
  use<T>(repository: string, id: string, work: (session: UploadSession) => Promise<T>): Promise<T>;
  end(session: UploadSession): Promise<void>;
  close(): Promise<void>;
}

/** Clients crash and never come back, so uploads are bounded in number: the one longest unused goes first. */
const mostUploads = 200;

export function createUploadSessions(blobs: BlobStore): UploadSessions {
  /** In the order of their last use. */
  const sessions = new Map<string, UploadSession>();
  const busy = new Set<string>();

  async function end({ id, upload }: UploadSession): Promise<void> {
    sessions.delete(id);
    await upload.discard();
  }

  return {
    get count() {
      return sessions.size;
    },
    end,
    async begin(repository) {
      if (sessions.size >= mostUploads) {
        const idle = [...sessions.values()].find(({ id }) => !busy.has(id));
        if (idle === undefined) throw specError('TOOMANYREQUESTS', 'too many uploads at once');
        await end(idle);
      }
      const session = { id: randomUUID(), repository, upload: await blobs.begin() };
      sessions.set(session.id, session);
      return session;
    },
    async use(repository, id, work) {
      const session = sessions.get(id);
      if (session === undefined || session.repository !== repository) {
        throw specError('BLOB_UPLOAD_UNKNOWN', 'there is no such upload');
      }
      if (busy.has(id)) throw specError('BLOB_UPLOAD_INVALID', 'another request writes to this upload');
      sessions.delete(id);
      sessions.set(id, session);
      busy.add(id);
      try {
        return await work(session);
      } finally {
        busy.delete(id);
      }
    },
    async close() {
      await Promise.all([...sessions.values()].map(end));
    },
  };
}
