// SPDX-License-Identifier: Apache-2.0
import { parseTransport } from '@lading/image-copy';
import { type Digest, parseFamiliarReference } from '@lading/image-spec';

/**
 * What a command that writes an image prints: the reference with the digest in place of the name, where the transport
 * can read that back, else the reference and the digest after it. What is after the last `@` is always the digest.
 */
export function referenceByDigest(text: string, digest: Digest): string {
  const { transport, rest } = parseTransport(text);
  if (transport === 'docker') {
    const { host, repository } = parseFamiliarReference(
      rest.replace(/^\/\//, '').replace(/@@unknown-digest@@$/, ''),
    );
    return `docker://${host}/${repository}@${digest}`;
  }
  if (transport === 'oci') return `oci:${rest.replace(/:.*$/s, '')}:@${digest}`;
  return `${text}@${digest}`;
}
