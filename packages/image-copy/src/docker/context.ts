// SPDX-License-Identifier: Apache-2.0
import type { Registries, SignatureStorages } from '@lading/config';
import type {
  CredentialProvider,
  Credentials,
  RegistryClient,
  RegistryClientOptions,
  RegistryWarning,
  Transport,
} from '@lading/registry-client';

/** What registries are reached with. */
export interface RegistryContext {
  /**
   * A function that finds credentials, or credentials for the registry that the reference names: mirrors do
   * not get those. Default: none.
   */
  readonly credentials?: CredentialProvider | Credentials | undefined;
  /** Overrides what registries.conf says. Default: verified, unless it says otherwise. */
  readonly tlsVerify?: boolean | undefined;
  /** Authorities and client certificates by host. Default: those of the certs.d folders. */
  readonly tls?: RegistryClientOptions['tls'];
  /** Locations, mirrors and blocked registries. Default: none. */
  readonly registries?: Pick<Registries, 'resolve'> | undefined;
  /** Where signatures are kept, from `registries.d`. Default: the folder of this machine, and no attachments. */
  readonly signatureStorages?: SignatureStorages | undefined;
  /** How much one registry is asked for at a time, all copies with one client counted. Default: no limit. */
  readonly hostLimits?: RegistryClientOptions['hostLimits'];
  /** How often a registry is asked again after a failure that may pass. Default: as the client has it. */
  readonly retry?: RegistryClientOptions['retry'];
  /** A client to share. It is not closed, and its own credentials and TLS settings hold. */
  readonly client?: RegistryClient | undefined;
  readonly userAgent?: string | undefined;
  readonly transport?: Transport | undefined;
  readonly onWarning?: ((warning: RegistryWarning) => void) | undefined;
}
