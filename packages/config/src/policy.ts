// SPDX-License-Identifier: Apache-2.0

/**
 * A signature policy, `policy.json`: what an image must fulfil to be copied or run. Every requirement of a list
 * must hold; the list of the most specific scope counts, and no other.
 *
 * @see https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md
 */
export interface Policy {
  readonly default: readonly PolicyRequirement[];
  /** By the name of the transport, then by scope; the scope `''` is for the rest of the transport. */
  readonly transports: ReadonlyMap<string, ReadonlyMap<string, readonly PolicyRequirement[]>>;
}

/** One requirement, told apart by `type`. */
export type PolicyRequirement =
  | { readonly type: 'insecureAcceptAnything' }
  | { readonly type: 'reject' }
  | SignedBy
  | SigstoreSigned
  | { readonly type: 'signedBaseLayer'; readonly baseLayerIdentity: SignedIdentity };

/** Keys or certificates: in files, which are read when they are needed, or in the policy itself. */
export interface KeySource {
  readonly paths: readonly string[];
  readonly data: readonly Uint8Array[];
}

/** A simple signature by one of these OpenPGP keys. */
export interface SignedBy {
  readonly type: 'signedBy';
  readonly keyType: 'GPGKeys' | 'signedByGPGKeys' | 'X509Certificates' | 'signedByX509CAs';
  readonly keys: KeySource;
  readonly signedIdentity: SignedIdentity;
}

/** A sigstore signature by one of these keys, or with a certificate of these authorities: exactly one is set. */
export interface SigstoreSigned {
  readonly type: 'sigstoreSigned';
  readonly keys: KeySource | undefined;
  readonly fulcio: FulcioTrust | undefined;
  readonly pki: PkiTrust | undefined;
  /** One of these transparency logs must have recorded the signature. */
  readonly rekorPublicKeys: KeySource | undefined;
  readonly signedIdentity: SignedIdentity;
}

/** Certificates by Fulcio for one person. */
export interface FulcioTrust {
  readonly ca: KeySource;
  readonly oidcIssuer: string;
  readonly subjectEmail: string;
}

/** Certificates of an authority of one's own. */
export interface PkiTrust {
  readonly caRoots: KeySource;
  readonly caIntermediates: KeySource | undefined;
  readonly subjectEmail: string | undefined;
  readonly subjectHostname: string | undefined;
}

/** Which name a signature must give to the image. */
export type SignedIdentity =
  | { readonly type: 'matchExact' | 'matchRepoDigestOrExact' | 'matchRepository' }
  | { readonly type: 'exactReference'; readonly dockerReference: string }
  | { readonly type: 'exactRepository'; readonly dockerRepository: string }
  | { readonly type: 'remapIdentity'; readonly prefix: string; readonly signedPrefix: string };
