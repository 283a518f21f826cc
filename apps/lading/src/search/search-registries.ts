// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Registries } from '@lading/config';
import { Code, hasCode, LadingError } from '@lading/errors';
import type { TransportContext } from '@lading/image-copy';
import { createRegistryClient, type FoundRepository, type RegistryClient } from '@lading/registry-client';
import { registryContext } from '../options/registry-context.ts';
import { printError } from '../output/print-error.ts';

/** A registry to ask, and what for. */
export interface SearchPlace {
  readonly host: string;
  readonly term: string;
}

/** `HOST/TERM`, or the term at each registry that short names are looked for at. */
export function searchPlaces(text: string, { unqualifiedSearch }: Registries): readonly SearchPlace[] {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  if (/[.:]|^localhost$/.test(first)) return [{ host: first, term: text.slice(slash + 1) }];
  return unqualifiedSearch.map((host) => ({ host, term: text }));
}

/** Asks one registry after the other. It fails when none has answered; of others that fail, the user is told. */
export async function askRegistries<T>(
  call: CommandCall,
  places: readonly SearchPlace[],
  ask: (client: RegistryClient, place: SearchPlace) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const context = await registryContext(call);
  const failures: LadingError[] = [];
  const found: T[] = [];
  for (const place of places) {
    await using client = clientFor(context, place.host);
    try {
      found.push(...(await ask(client, place)));
    } catch (error) {
      call.environment.signal.throwIfAborted();
      const { code, message } = LadingError.from(error);
      failures.push(new LadingError(code, `couldn't search registry "${place.host}": ${message}`));
    }
  }
  const [first] = failures;
  if (first !== undefined && failures.length === places.length) throw first;
  for (const failure of failures) await printError(call.environment, failure);
  return found;
}

function clientFor(
  { credentials, tls, tlsVerify, registries }: TransportContext,
  host: string,
): RegistryClient {
  const isInsecure = registries?.resolve({ host, repository: 'any' }).insecure ?? false;
  return createRegistryClient({
    credentials:
      typeof credentials === 'object' ? (asked) => (asked === host ? credentials : undefined) : credentials,
    tlsVerify: tlsVerify ?? !isInsecure,
    tls,
  });
}

/** By the registry's own search; those that have none are asked for all that they hold. */
export async function searchRegistry(
  client: RegistryClient,
  { host, term }: SearchPlace,
  limit: number,
  signal: AbortSignal,
): Promise<readonly FoundRepository[]> {
  if (term !== '') {
    try {
      return await client.search(host, term, { limit, signal });
    } catch (error) {
      const isWithout = [Code.NotFound, Code.Unimplemented, Code.PermissionDenied, Code.Unauthenticated];
      if (!isWithout.some((code) => hasCode(error, code))) throw error;
    }
  }
  const found: FoundRepository[] = [];
  for await (const name of client.catalog(host, { signal })) {
    if (!name.includes(term)) continue;
    found.push({ name, description: '', stars: 0, isOfficial: false, isAutomated: false });
    if (found.length >= limit) break;
  }
  return found;
}
