// SPDX-License-Identifier: Apache-2.0
import type { CredentialStore } from './credential-store.ts';
import type { StoredCredentials } from './credentials.ts';

/** A store as the registry client asks it: by host, or by host and repository. */
export function credentialProvider(
  store: Pick<CredentialStore, 'get'>,
): (host: string, repository?: string) => Promise<StoredCredentials | undefined> {
  return (host, repository) => store.get(repository === undefined ? host : `${host}/${repository}`);
}
