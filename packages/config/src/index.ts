// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { CertificateOptions, HostCertificates } from './certificates.ts';
export { certificateProvider } from './certificates.ts';
export { credentialProvider } from './credential-provider.ts';
export type { CredentialStore, LoadAuthOptions, StoreCallOptions } from './credential-store.ts';
export { loadAuth } from './credential-store.ts';
export type { StoredCredentials } from './credentials.ts';
export type { LoadPolicyOptions } from './load-policy.ts';
export { loadPolicy, parsePolicy } from './load-policy.ts';
export type {
  FulcioTrust,
  KeySource,
  PkiTrust,
  Policy,
  PolicyRequirement,
  SignedBy,
  SignedIdentity,
  SigstoreSigned,
} from './policy.ts';
export { recordAlias } from './record-alias.ts';
export type { LoadRegistriesOptions, Registries, RegistryEndpoint, ResolvedReference } from './registries.ts';
export { loadRegistries } from './registries.ts';
export type { LoadSignatureStoragesOptions, SignatureStorage, SignatureStorages } from './registries-d.ts';
export { loadSignatureStorages } from './registries-d.ts';
export type { ShortNameMode } from './registries-file.ts';
export { recordedAliases } from './registries-paths.ts';
export type { Mirror, RegistryEntry } from './registry-entry.ts';
export type { RegistryKey } from './registry-key.ts';
export { parseRegistry } from './registry-key.ts';
// For authors of readers of other configuration files.
export type { Section } from './section.ts';
export { openSection } from './section.ts';
export type {
  FulcioParameters,
  LoadSigningParametersOptions,
  SigningParameters,
} from './signing-parameters.ts';
export { loadSigningParameters } from './signing-parameters.ts';
export type { LoadStorageOptions, StorageConfig } from './storage.ts';
export { loadStorage } from './storage.ts';
export type { StrictJson } from './strict-json.ts';
export { parseStrictJson } from './strict-json.ts';
export type { TlsDetails, TlsVersion } from './tls-details.ts';
export { loadTlsDetails } from './tls-details.ts';
export type { TomlFile } from './toml.ts';
export { loadDropIns, loadToml } from './toml.ts';
export type { ConfigWarning } from './warning.ts';
