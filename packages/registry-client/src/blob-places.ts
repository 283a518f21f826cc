// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type RepositoryAccess, readPath } from './access.ts';
import type { BlobDescriptor } from './blobs.ts';

/** Where a blob is asked for until one place has it: at the URLs of its descriptor, then in the repository. */
export interface BlobPlaces {
  /** Asks one place after the other, and from then on the one that had it. */
  ask<T>(request: (target: string | URL) => Promise<T>): Promise<T>;
}

/** URLs of other schemes than http and https are passed over. */
export function placesOf(access: RepositoryAccess, { digest, urls = [] }: BlobDescriptor): BlobPlaces {
  const elsewhere = urls
    .filter((url) => URL.canParse(url) && /^https?:/i.test(url))
    .slice(0, mostUrls)
    .map((url) => new URL(url));
  let places: readonly (string | URL)[] = [...elsewhere, readPath(access, `blobs/${digest}`)];
  return {
    async ask(request) {
      const failures: LadingError[] = [];
      for (const place of places) {
        try {
          const answer = await request(place);
          places = [place];
          return answer;
        } catch (error) {
          failures.push(LadingError.from(error));
          if (failures.at(-1)?.code === Code.Canceled) break;
        }
      }
      throw together(failures);
    },
  };
}

/** A manifest may name any number of them. */
const mostUrls = 8;

/** The registry's own word counts; what was said elsewhere is told with it. */
function together(failures: readonly LadingError[]): unknown {
  const last = failures.at(-1);
  const before = failures.slice(0, -1).map(({ message }) => message);
  if (last === undefined || before.length === 0) return last;
  return new LadingError(last.code, `${last.message} (and before that: ${before.join('; ')})`, {
    ...(last.reason === undefined ? {} : { reason: last.reason }),
    details: { ...last.details },
    cause: last,
  });
}
