// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';

/** Something that is made by one request, and at most once. */
export interface Making {
  readonly name: string;
  /** Of what was asked for; a different wish for the same name is another request. */
  readonly digest: string;
  /** Of the client; the work goes on without it. */
  readonly signal: AbortSignal;
  /** Gives the id. */
  readonly make: () => Promise<string>;
  /** The digest of what has the name; undefined when nobody is to be given it again. */
  readonly digestOf: (id: string) => Promise<string | undefined>;
}

/**
 * A kubelet that has waited long enough repeats its request. What the first one has made, or makes still, is the answer
 * to the second: begun anew each time, slow work would never come to an end.
 */
export interface RepeatedRequests {
  answer(making: Making): Promise<string>;
  /** Whether what has this name is still being made. */
  isUnderWay(name: string): boolean;
}

export function digestOfRequest(request: unknown): string {
  return createHash('sha256')
    .update(
      JSON.stringify(request, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    )
    .digest('hex');
}

/** A kubelet that repeats itself does so within minutes: ids from long before are forgotten. */
const mostTold = 1000;

export function createRepeatedRequests(): RepeatedRequests {
  const underWay = new Map<string, { readonly digest: string; readonly id: Promise<string> }>();
  /** Ids that a client has been told: who asks for the name once more is in error. */
  const told = new Set<string>();

  function begin({ name, digest, make, digestOf }: Making): Promise<string> {
    const id = made();
    const entry = { digest, id };
    // Another wish for a name does not get it, and must not take the place of the one that makes it.
    if (!underWay.has(name)) underWay.set(name, entry);
    const forget = (): void => {
      if (underWay.get(name) === entry) underWay.delete(name);
    };
    id.then(forget, forget);
    return id;

    async function made(): Promise<string> {
      try {
        return await make();
      } catch (error) {
        const owner = ownerOf(error);
        if (owner === undefined || told.has(owner) || (await digestOf(owner)) !== digest) throw error;
        return owner;
      }
    }
  }

  return {
    isUnderWay: (name) => underWay.has(name),
    async answer(making) {
      const current = underWay.get(making.name);
      const id = await unlessAborted(
        current?.digest === making.digest ? current.id : begin(making),
        making.signal,
      );
      told.add(id);
      const [oldest] = told;
      if (told.size > mostTold && oldest !== undefined) told.delete(oldest);
      return id;
    },
  };
}

/** Who has the name that was wanted. */
function ownerOf(error: unknown): string | undefined {
  if (!(error instanceof LadingError) || error.reason !== 'NAME_IN_USE') return undefined;
  const id = error.details?.id;
  return typeof id === 'string' ? id : undefined;
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(new LadingError(Code.Canceled, 'the client did not wait for the answer'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
