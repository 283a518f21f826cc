// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { certificateProvider } from '@lading/config';
import { parseTransport, type TransportContext } from '@lading/image-copy';
import { parseFamiliarReference, type Reference } from '@lading/image-spec';
import { createRegistryClient, type RegistryClient, type Repository } from '@lading/registry-client';

/** The reference of a `docker://` text. @throws a usage error for other transports */
export function dockerReference(text: string, command: string): Reference {
  const { transport, rest } = parseTransport(text);
  if (transport !== 'docker')
    throw usageError(`${command} works with docker:// alone, not with ${transport}:`);
  if (!rest.startsWith('//')) throw usageError(`invalid image name "${text}": write docker://HOST/PATH`);
  return parseFamiliarReference(rest.slice(2));
}

/** Runs `action` on the repository of a reference, at the place that registries.conf leads to. */
export async function withRepository<T>(
  reference: Reference,
  context: TransportContext,
  action: (repository: Repository) => Promise<T>,
): Promise<T> {
  const { registries } = context;
  const resolved = registries?.resolve(reference) ?? { reference, insecure: false, blocked: false };
  if (resolved.blocked) throw usageError(`registries.conf blocks ${reference.host}/${reference.repository}`);
  const { host } = resolved.reference;
  return withRegistry(host, { ...context, tlsVerify: context.tlsVerify ?? !resolved.insecure }, (client) =>
    action(client.repository(resolved.reference)),
  );
}

/** Runs `action` with a client for one registry. */
export async function withRegistry<T>(
  host: string,
  { credentials, tlsVerify, tls, userAgent, onWarning, registries }: TransportContext,
  action: (client: RegistryClient) => Promise<T>,
): Promise<T> {
  await using client = createRegistryClient({
    credentials:
      typeof credentials === 'object' ? (asked) => (asked === host ? credentials : undefined) : credentials,
    tlsVerify: tlsVerify ?? !(registries?.resolve({ host, repository: 'any' }).insecure ?? false),
    tls: tls ?? certificateProvider(),
    userAgent,
    onWarning,
  });
  return await action(client);
}
