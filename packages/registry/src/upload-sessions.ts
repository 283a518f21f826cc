// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import type { DigestAlgorithm } from '@lading/image-spec';
import type { BlobStore, UploadSession } from './blob-store.ts';
import { specError } from './spec-error.ts';

/** Uploads in progress, by id. */
export interface UploadSessions {
  /** How many there are now. */
  readonly count: number;
  begin(repository: string, algorithm: DigestAlgorithm): Promise<UploadSession>;
  /** The session, in whatever state a request that writes to it leaves it. */
  find(repository: string, id: string): UploadSession;
  /**
   * Runs `work` with the session to itself. A request that still writes to it is cut off: its client has
   * lost it, or would not have sent another one.
   */
  use<T>(
    repository: string,
    id: string,
    request: IncomingMessage,
    work: (session: UploadSession) => Promise<T>,
  ): Promise<T>;
  end(session: UploadSession): Promise<void>;
  /** Ends the sessions that nobody has used for too long; gives how many. */
  expire(): Promise<number>;
  close(): void;
}

/** Clients crash and never come back, so uploads are bounded in number: the one longest unused goes first. */
const mostUploads = 200;
const expiryCheckMs = 10 * 60_000;

export async function createUploadSessions(
  blobs: BlobStore,
  expiryMs: number,
  onError: (error: unknown) => void,
): Promise<UploadSessions> {
  /** In the order of their last use. */
  const sessions = new Map<string, UploadSession>();
  for (const session of [...(await blobs.sessions())].sort((a, b) => a.usedMs - b.usedMs)) {
    sessions.set(session.id, session);
  }
  const users = new Map<string, { readonly request: IncomingMessage; readonly done: Promise<void> }>();
  const isExpired = ({ id, usedMs }: UploadSession) => !users.has(id) && Date.now() - usedMs >= expiryMs;

  function find(repository: string, id: string): UploadSession {
    const session = sessions.get(id);
    if (session !== undefined && session.repository === repository && !isExpired(session)) return session;
    throw specError('BLOB_UPLOAD_UNKNOWN', 'there is no such upload');
  }

  async function end({ id, upload }: UploadSession): Promise<void> {
    sessions.delete(id);
    await upload.discard();
  }

  async function expire(): Promise<number> {
    const expired = [...sessions.values()].filter(isExpired);
    for (const session of expired) await end(session);
    return expired.length;
  }

  await expire();
  const timer = setInterval(() => expire().catch(onError), Math.min(expiryMs, expiryCheckMs)).unref();

  return {
    get count() {
      return sessions.size;
    },
    end,
    expire,
    find,
    close: () => clearInterval(timer),
    async begin(repository, algorithm) {
      if (sessions.size >= mostUploads) {
        const idle = [...sessions.values()].find(({ id }) => !users.has(id));
        if (idle === undefined) throw specError('TOOMANYREQUESTS', 'too many uploads at once');
        await end(idle);
      }
      const session = await blobs.beginSession(repository, algorithm);
      sessions.set(session.id, session);
      return session;
    },
    async use(repository, id, request, work) {
      find(repository, id);
      for (let user = users.get(id); user !== undefined; user = users.get(id)) {
        if (!user.request.complete) user.request.destroy();
        await user.done;
      }
      const session = find(repository, id);
      const { promise: done, resolve } = Promise.withResolvers<void>();
      users.set(id, { request, done });
      try {
        return await work(session);
      } finally {
        session.usedMs = Date.now();
        if (sessions.delete(id)) sessions.set(id, session);
        users.delete(id);
        resolve();
      }
    },
  };
}
