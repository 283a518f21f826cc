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
  /** Authorities to trust instead of those that Node trusts; asked when a certificate is to be verified. */
  readonly roots?: (() => readonly Pem[] | Promise<readonly Pem[]>) | undefined;
  /** Default: TLS 1.2. */
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** Cipher suites between colons, as OpenSSL names them. Default: Node's. */
  readonly ciphers?: string | undefined;
  /** Groups of the key exchange between colons, as OpenSSL names them. Default: Node's. */
  readonly groups?: string | undefined;
}
