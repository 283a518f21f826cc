// SPDX-License-Identifier: Apache-2.0

/** A PEM text. */
export type Pem = string | Uint8Array;

/** What a host needs for TLS beyond Node's own trust: PEM texts, as certs.d holds them. */
export interface TlsMaterial {
  /** Authorities to trust as well as those that Node trusts, not instead of them. */
  readonly ca?: Pem | readonly Pem[] | undefined;
  /** Client certificates, in the order of their keys. */
  readonly cert?: Pem | readonly Pem[] | undefined;
  readonly key?: Pem | readonly Pem[] | undefined;
}
