// SPDX-License-Identifier: Apache-2.0

/** What a login left: a password, an identity token (an OAuth2 refresh token), or a ready bearer token. */
export type StoredCredentials =
  | { readonly username: string; readonly password: string }
  | { readonly identityToken: string }
  | { readonly registryToken: string };
