// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { RepositoryAccess } from './access.ts';
import { isRecord, unexpectedAnswer } from './errors.ts';
import type { CallOptions } from './manifests.ts';
import { readPages } from './pages.ts';

/** Options of lists that come in pages. */
export interface ListOptions extends CallOptions {
  /** Items to ask for at a time. Default: 1,000, the most that every registry takes. */
  readonly pageSize?: number | undefined;
}

/** Amazon's registry refuses a longer page: https://github.com/google/go-containerregistry/issues/1091 */
const defaultPageSize = 1000;

/** A list of names at one member of a JSON answer. */
export interface NameList {
  readonly target: (query: Readonly<Record<string, string>>) => string;
  readonly member: string;
  readonly form: RegExp;
  readonly scopes: readonly string[];
  readonly notFound?: string;
  readonly what: string;
}

export async function* listNames(
  access: Pick<RepositoryAccess, 'session' | 'ns'>,
  { target, member, form, ...list }: NameList,
  { signal, pageSize = defaultPageSize }: ListOptions = {},
): AsyncGenerator<string> {
  // With n=0 a registry answers that there are none, which is not what anyone asks.
  if (!Number.isSafeInteger(pageSize) || pageSize < 1) {
    throw new LadingError(Code.InvalidArgument, `a page of ${pageSize} items: give at least 1`);
  }
  const n = String(pageSize);
  const pages = readPages<string>(access, {
    ...list,
    target: target({ n }),
    signal,
    read: (bytes) => readNames(access.session.host, bytes, member, form),
    after: { pageSize, target: (last) => target({ n, last }) },
  });
  for await (const page of pages) yield* page;
}

function readNames(host: string, bytes: Uint8Array, member: string, form: RegExp): readonly string[] {
  let page: unknown;
  try {
    page = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw unexpectedAnswer(host, `the list of ${member} is not JSON`, error);
  }
  // Docker's registry writes null where there is none.
  const names: unknown = isRecord(page) ? (page[member] ?? []) : undefined;
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && form.test(name))) {
    throw unexpectedAnswer(host, `the list of ${member} holds other things`);
  }
  return names;
}
