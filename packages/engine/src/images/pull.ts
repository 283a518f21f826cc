// SPDX-License-Identifier: Apache-2.0
import {
  type CredentialStore,
  certificateProvider,
  credentialProvider,
  loadAuth,
  loadPolicy,
  loadRegistries,
  loadSignatureStorages,
  type Policy,
  type Registries,
} from '@lading/config';
import { Code, hasCode, LadingError } from '@lading/errors';
import {
  copyImage,
  type DecryptionKey,
  type ImageSource,
  openDestination,
  openSource,
  readDecryptionKey,
  type TransportContext,
} from '@lading/image-copy';
import {
  digestHex,
  formatReference,
  parseFamiliarReference,
  type Reference,
  withDefaultTag,
} from '@lading/image-spec';
import type { Store } from '@lading/storage';
import type { RegistryOptions } from '../types/engine.ts';
import type { PullOptions } from '../types/images.ts';
import type { Nameable } from './match-image.ts';

/** What a copy needs of the machine beside its two ends. */
interface Demands {
  readonly policy: Policy | undefined;
  readonly decryptionKeys: readonly DecryptionKey[] | undefined;
}

/** Failures after which a short name is looked for on the next registry. */
const tryNext: readonly Code[] = [
  Code.NotFound,
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.Unavailable,
  Code.DeadlineExceeded,
];

/**
 * Copies an image into the store and returns its id. With policy `newer` the one that is there, when the
 * registry has the same or cannot be reached.
 */
export async function pullImage(
  context: { readonly store: Store; readonly registry: RegistryOptions },
  text: string,
  local: { readonly image: Nameable; readonly name: string } | undefined,
  options: PullOptions,
): Promise<string> {
  const [registries, policy, decryptionKeys] = await Promise.all([
    givenOr(context.registry.registries, loadRegistries),
    policyOf(context.registry, options),
    keysOf(context.registry, options),
  ]);
  const demands: Demands = { policy, decryptionKeys };
  const transport = await transportOf(context, registries, options);
  const references =
    local === undefined ? candidatesOf(registries, text) : [parseFamiliarReference(local.name)];
  const failures: LadingError[] = [];
  for (const reference of references) {
    try {
      return await pullOne(transport, formatReference(withDefaultTag(reference)), local, demands, options);
    } catch (error) {
      const failure = LadingError.from(error);
      if (local !== undefined && failure.code === Code.Unavailable) return local.image.id;
      if (!tryNext.includes(failure.code)) throw failure;
      failures.push(failure);
    }
  }
  const [only, ...others] = failures;
  if (only !== undefined && others.length === 0) throw only;
  throw new LadingError(
    only?.code ?? Code.NotFound,
    `${text} was found on none of its registries: ${failures.map(({ message }) => message).join('; ')}`,
    { reason: only?.reason ?? 'IMAGE_UNKNOWN', cause: new AggregateError(failures) },
  );
}

async function pullOne(
  transport: TransportContext,
  name: string,
  local: { readonly image: Nameable } | undefined,
  demands: Demands,
  options: PullOptions,
): Promise<string> {
  const { signal } = options;
  const source = await openSource(`docker://${name}`, transport);
  try {
    if (local !== undefined) {
      const { digest } = await source.manifest(undefined, { signal });
      if (digest === local.image.digest) return local.image.id;
    }
    return await copyFrom(source, name, transport, demands, options);
  } finally {
    await source.close();
  }
}

async function copyFrom(
  source: ImageSource,
  name: string,
  transport: TransportContext,
  demands: Demands,
  options: PullOptions,
): Promise<string> {
  const destination = await openDestination(`containers-storage:${name}`, transport);
  try {
    const { config } = await copyImage(source, destination, {
      signal: options.signal,
      platform: options.platform,
      ...demands,
      onProgress: options.onProgress,
    });
    if (config === undefined) throw new LadingError(Code.Internal, `${name} was copied without a config`);
    return digestHex(config);
  } finally {
    await destination.close();
  }
}

async function transportOf(
  context: { readonly store: Store; readonly registry: RegistryOptions },
  registries: Registries,
  options: PullOptions,
): Promise<TransportContext> {
  const { credentials: own } = options;
  const [signatureStorages, credentials] = await Promise.all([
    givenOr(context.registry.signatureStorages, loadSignatureStorages),
    own ?? credentialsOf(context.registry, registries, options).then(credentialProvider),
  ]);
  return {
    registries,
    signatureStorages,
    store: async () => context.store,
    credentials,
    tlsVerify: options.tlsVerify ?? context.registry.tlsVerify,
    userAgent: context.registry.userAgent,
    ...(options.certDir === undefined ? {} : { tls: certificateProvider({ folder: options.certDir }) }),
    ...(options.retry === undefined ? {} : { retry: options.retry }),
  };
}

/** What was given, as it is or to be loaded; else what the machine has. */
async function givenOr<T extends object>(
  given: T | (() => Promise<T>) | undefined,
  load: () => T | Promise<T>,
): Promise<T> {
  if (given === undefined) return load();
  return typeof given === 'function' ? given() : given;
}

/** Undefined on a machine without one, unless it was named: whoever has none has asked for nothing. */
async function policyOf(
  { policy }: RegistryOptions,
  { policyFile }: PullOptions,
): Promise<Policy | undefined> {
  if (policyFile !== undefined) return loadPolicy({ path: policyFile });
  try {
    return await givenOr(policy, loadPolicy);
  } catch (error) {
    if (policy === undefined && hasCode(error, Code.NotFound)) return undefined;
    throw error;
  }
}

async function keysOf(
  { decryptionKeys }: RegistryOptions,
  { decryptionKeys: own = [] }: PullOptions,
): Promise<readonly DecryptionKey[] | undefined> {
  if (own.length === 0) return decryptionKeys?.();
  const given = Promise.all(own.map((text) => readDecryptionKey(text)));
  return [...(await given), ...((await decryptionKeys?.()) ?? [])];
}

async function credentialsOf(
  { credentials }: RegistryOptions,
  { credentialHelpers }: Registries,
  { authFile }: PullOptions,
): Promise<CredentialStore> {
  const helpers = credentialHelpers.length === 0 ? {} : { helpers: credentialHelpers };
  if (authFile !== undefined) return loadAuth({ ...helpers, paths: [authFile] });
  return givenOr(credentials, () => loadAuth(helpers));
}

/**
 * A short name that no configuration speaks of is one of Docker Hub.
 *
 * @throws FailedPrecondition (`SHORT_NAME_AMBIGUOUS`) for one that may be several images, where that is forbidden: on
 * the first registry anyone may have taken the name
 */
function candidatesOf(registries: Registries, text: string): readonly Reference[] {
  const found = registries.candidates(text);
  if (found.length > 1 && registries.shortNameMode === 'enforcing') {
    const names = found.map((reference) => formatReference(reference)).join(', ');
    throw new LadingError(
      Code.FailedPrecondition,
      `${text} may be any of ${names}, and short-name-mode in registries.conf is enforcing: write one of them in full, or make it an alias`,
      { reason: 'SHORT_NAME_AMBIGUOUS' },
    );
  }
  return found.length > 0 ? found : [parseFamiliarReference(text)];
}
