// SPDX-License-Identifier: Apache-2.0

/** What a login left: a password, or an identity token (an OAuth2 refresh token). */
export type StoredCredentials =
  | { readonly username: string; readonly password: string }
  | { readonly identityToken: string };
