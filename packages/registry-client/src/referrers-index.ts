// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  digestBytes,
  encodeJson,
  type Index,
  isIndexType,
  MediaType,
  parseIndex,
} from '@lading/image-spec';
import type { RepositoryAccess } from './access.ts';
import { getManifest } from './fetch-manifest.ts';
import { putManifest } from './push-manifest.ts';
import { type Referrer, referrersTag } from './referrer.ts';
import { throwIfAborted, timerPause, withRetries } from './retry.ts';
import type { Session } from './session.ts';

/** A list of referrers that clients keep, as it was read. */
export interface ReferrersIndex {
  readonly index: Index;
  readonly etag: string | undefined;
}

type Change = (manifests: readonly Descriptor[]) => readonly Descriptor[] | undefined;

const mostTries = 10;
const pauseMs = 100;

/** Changes of one client to one list wait for each other, so that it never loses its own. */
const queues = new WeakMap<Session, Map<string, Promise<void>>>();

/** The list under the referrers tag; undefined where there is none. @throws FailedPrecondition for anything else there */
export async function getReferrersIndex(
  access: RepositoryAccess,
  subject: Digest,
  signal: AbortSignal | undefined,
): Promise<ReferrersIndex | undefined> {
  const tag = referrersTag(subject);
  try {
    const found = await withRetries(access.session.retry, signal, () => getManifest(access, tag, { signal }));
    if (found === undefined) return undefined;
    if (!isIndexType(found.descriptor.mediaType)) throw notIndex(access, tag);
    try {
      return { index: parseIndex(found.bytes), etag: found.etag };
    } catch (error) {
      throw notIndex(access, tag, error);
    }
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return undefined;
    throw error;
  }
}

/** Puts a referrer on the list of its subject. */
export async function addReferrer(
  access: RepositoryAccess,
  { subject, descriptor }: Referrer,
  signal: AbortSignal | undefined,
): Promise<void> {
  await change(access, subject, signal, (manifests) =>
    manifests.some(({ digest }) => digest === descriptor.digest) ? undefined : [...manifests, descriptor],
  );
}

/** Takes a manifest that was deleted off the list of its subject. */
export async function removeReferrer(
  access: RepositoryAccess,
  { subject, descriptor }: Referrer,
  signal: AbortSignal | undefined,
): Promise<void> {
  await change(access, subject, signal, (manifests) => {
    const others = manifests.filter(({ digest }) => digest !== descriptor.digest);
    return others.length === manifests.length ? undefined : others;
  });
}

async function change(
  access: RepositoryAccess,
  subject: Digest,
  signal: AbortSignal | undefined,
  edit: Change,
): Promise<void> {
  const tag = referrersTag(subject);
  const queue = queues.get(access.session) ?? new Map<string, Promise<void>>();
  queues.set(access.session, queue);
  const before = queue.get(tag) ?? Promise.resolve();
  const work = () => changeNow(access, subject, signal, edit);
  const mine = before.then(work, work); // a failure before is its own caller's
  queue.set(tag, mine);
  try {
    await mine;
  } finally {
    if (queue.get(tag) === mine) queue.delete(tag);
  }
}

/**
 * Read, edit, write, until a reading shows that nothing is left to edit. A registry that knows If-Match
 * refuses a write over another client's with 412. Many send ETags and do not look at If-Match (Docker's
 * registry 2.8 does), so what was written is read again: another client's list may have gone over it.
 */
async function changeNow(
  access: RepositoryAccess,
  subject: Digest,
  signal: AbortSignal | undefined,
  edit: Change,
): Promise<void> {
  const { session } = access;
  const { pause = timerPause } = session.retry;
  for (let tries = 0; tries <= mostTries; tries++) {
    if (tries > 1) await pause(Math.random() * pauseMs * tries, signal);
    throwIfAborted(signal);
    const known = await getReferrersIndex(access, subject, signal);
    const manifests = edit(known?.index.manifests ?? []);
    if (manifests === undefined) return;
    const bytes = encodeJson({
      ...(known?.index ?? { schemaVersion: 2, mediaType: MediaType.ImageIndex }),
      manifests,
    });
    try {
      await putManifest(access, {
        bytes,
        mediaType: known?.index.mediaType ?? MediaType.ImageIndex,
        digest: await digestBytes(bytes),
        tags: [referrersTag(subject)],
        condition: conditionOf(known),
        signal,
      });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  throw new LadingError(
    Code.Aborted,
    `the list of referrers of ${subject} in ${session.host}/${access.name} keeps being changed by others; try again`,
    { reason: 'CONFLICT' },
  );
}

function conditionOf(known: ReferrersIndex | undefined): Record<string, string> {
  if (known === undefined) return { 'if-none-match': '*' };
  // If-Match takes no weak tag.
  return known.etag === undefined || !known.etag.startsWith('"') ? {} : { 'if-match': known.etag };
}

function isConflict(error: unknown): boolean {
  return error instanceof LadingError && (error as LadingError).details?.status === 412;
}

function notIndex({ session, name }: RepositoryAccess, tag: string, cause?: unknown): LadingError {
  return new LadingError(
    Code.FailedPrecondition,
    `${session.host}/${name}:${tag} is no list of referrers; move that tag away`,
    { reason: 'MANIFEST_INVALID', ...(cause === undefined ? {} : { cause }) },
  );
}
