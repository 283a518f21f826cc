// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isRecord, unexpectedAnswer } from './errors.ts';
import { listLimitBytes, readAll } from './limits.ts';
import type { CallOptions } from './manifests.ts';
import { withRetries } from './retry.ts';
import type { Session } from './session.ts';

/** Options of a registry client's `search`. */
export interface SearchOptions extends CallOptions {
  /** How many repositories to ask for. Default: 25. */
  readonly limit?: number | undefined;
}

/** A repository that a registry has found. All of it is text that anyone may have written. */
export interface FoundRepository {
  /** Without the host. */
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly isOfficial: boolean;
  readonly isAutomated: boolean;
}

/**
 * Looks for repositories by a word. It is an interface of Docker's first registry, which Docker Hub and some others
 * have kept; most have not.
 *
 * @throws NotFound where the registry does not have it
 */
export async function search(
  session: Session,
  term: string,
  { limit = 25, signal }: SearchOptions = {},
): Promise<readonly FoundRepository[]> {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new LadingError(Code.InvalidArgument, `a search for ${limit} repositories: give at least 1`);
  }
  const query = new URLSearchParams({ n: String(limit), q: term });
  const bytes = await withRetries(session.retry, signal, async () => {
    const { body } = await session.send({
      method: 'GET',
      target: `/v1/search?${query}`,
      scopes: [],
      expect: [200],
      signal,
    });
    return readAll(body, listLimitBytes, `what ${session.host} has found`);
  });
  return readResults(session.host, bytes).slice(0, limit);
}

function readResults(host: string, bytes: Uint8Array): readonly FoundRepository[] {
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw unexpectedAnswer(host, 'what it has found is not JSON', error);
  }
  const results: unknown = isRecord(answer) ? (answer.results ?? []) : undefined;
  if (!Array.isArray(results)) throw unexpectedAnswer(host, 'what it has found is no list');
  return results.map((result: unknown): FoundRepository => {
    if (!isRecord(result) || typeof result.name !== 'string') {
      throw unexpectedAnswer(host, 'what it has found has no name');
    }
    const { name, description, star_count: stars } = result;
    return {
      name,
      description: typeof description === 'string' ? description : '',
      stars: typeof stars === 'number' && Number.isSafeInteger(stars) ? stars : 0,
      isOfficial: result.is_official === true,
      isAutomated: result.is_automated === true,
    };
  });
}
