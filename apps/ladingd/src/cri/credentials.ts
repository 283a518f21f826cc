// SPDX-License-Identifier: Apache-2.0
import type { AuthConfig } from '@lading/cri-api';
import type { PullOptions } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';

/** Names by which Docker Hub goes in files of credentials. */
const dockerHub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/**
 * The credentials of a request. Undefined when the kubelet sends an empty config, or one for another registry, which both
 * mean: whatever the node knows.
 *
 * @param host of the image
 */
export function credentialsOf(auth: AuthConfig, host: string): PullOptions['credentials'] | undefined {
  if (!isFor(auth.serverAddress, host)) return undefined;
  if (auth.registryToken !== '') return { registryToken: auth.registryToken };
  if (auth.identityToken !== '') return { identityToken: auth.identityToken };
  if (auth.username !== '') return { username: auth.username, password: auth.password };
  if (auth.auth === '') return undefined;
  const decoded = Buffer.from(auth.auth, 'base64').toString();
  const colon = decoded.indexOf(':');
  if (colon < 1)
    throw new LadingError(Code.InvalidArgument, 'auth.auth is not the base64 of "user:password"');
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** `https://index.docker.io/v1/` or `example.com:5000`; none is for every registry. */
function isFor(serverAddress: string, host: string): boolean {
  const [server = ''] = serverAddress.replace(/^https?:\/\//, '').split('/');
  return server === '' || server === host || (dockerHub.has(server) && dockerHub.has(host));
}
