// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import type { RepositoryAccess } from './access.ts';
import { isRecord, unexpectedAnswer } from './errors.ts';
import { discard, listLimitBytes, readAll } from './limits.ts';
import type { CallOptions } from './manifests.ts';
import { withRetries } from './retry.ts';

/**
 * Simple signatures of images that a registry keeps by itself, as that of OpenShift does.
 *
 * @see https://github.com/containers/image/blob/main/docs/signature-protocols.md
 */
export interface RegistrySignatures {
  /** Whether the registry has said that it keeps them, in an answer to any request for the repository. */
  readonly areKept: boolean;
  list(digest: Digest, options?: CallOptions): Promise<readonly Uint8Array[]>;
  /** Adds one to those of a manifest that is there. */
  add(digest: Digest, signature: Uint8Array, options?: CallOptions): Promise<void>;
}

/** The form that both sides know; others may stand in the list too. */
const form = { schemaVersion: 2, type: 'atomic' };

export function createSignatures({ session, name, scope }: RepositoryAccess): RegistrySignatures {
  const target = (digest: Digest): string => `/extensions/v2/${name}/signatures/${digest}`;
  return {
    get areKept() {
      return session.keepsSignatures;
    },
    list: (digest, { signal } = {}) =>
      withRetries(session.retry, signal, async () => {
        const request = { method: 'GET', target: target(digest), scopes: scope.pull, expect: [200], signal };
        const { body } = await session.send(request);
        return readList(session.host, await readAll(body, listLimitBytes, `the signatures of ${digest}`));
      }),
    async add(digest, signature, { signal } = {}) {
      const content = btoa(Array.from(signature, (byte) => String.fromCharCode(byte)).join(''));
      // A name is of the caller's making, so that the same request twice is the same signature.
      const own = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
        byte.toString(16).padStart(2, '0'),
      ).join('');
      const document = { ...form, name: `${digest}@${own}`, content };
      await withRetries(session.retry, signal, async () => {
        const { body } = await session.send({
          method: 'PUT',
          target: target(digest),
          headers: { 'content-type': 'application/json' },
          body: new TextEncoder().encode(JSON.stringify(document)),
          scopes: scope.push,
          expect: [201],
          signal,
        });
        await discard(body);
      });
    },
  };
}

function readList(host: string, bytes: Uint8Array): readonly Uint8Array[] {
  try {
    const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const listed: unknown = isRecord(document) ? (document.signatures ?? []) : undefined;
    if (!Array.isArray(listed)) throw new TypeError('no list is in it');
    return listed
      .filter(isKnown)
      .map(({ content }) => Uint8Array.from(atob(content), (char) => char.charCodeAt(0)));
  } catch (error) {
    throw unexpectedAnswer(host, 'its list of signatures cannot be read', error);
  }
}

function isKnown(signature: unknown): signature is { readonly content: string } {
  if (
    !isRecord(signature) ||
    signature.schemaVersion !== form.schemaVersion ||
    signature.type !== form.type
  ) {
    return false;
  }
  if (typeof signature.content !== 'string') throw new TypeError('a signature has no content');
  return true;
}
