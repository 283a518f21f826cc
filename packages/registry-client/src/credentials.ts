// SPDX-License-Identifier: Apache-2.0

/** What a registry's user has: a password, an identity token (OAuth2 refresh token) or a ready bearer token. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  | { readonly identityToken: string }
  | { readonly registryToken: string };

/** Finds the credentials for a host, or for one repository on it. None: the registry is asked anonymously. */
export type CredentialProvider = (
  host: string,
  repository?: string,
) => Credentials | undefined | Promise<Credentials | undefined>;
