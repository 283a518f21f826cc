// SPDX-License-Identifier: Apache-2.0
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { Code, LadingError } from '@lading/errors';
import { oneLine } from './errors.ts';

type Pem = string | Uint8Array;

/** What a host needs for TLS beyond Node's own trust: PEM texts, as certs.d holds them. */
export interface TlsMaterial {
  /** Authorities to trust as well as those that Node trusts, not instead of them. */
  readonly ca?: Pem | readonly Pem[] | undefined;
  /** Client certificates, in the order of their keys. */
  readonly cert?: Pem | readonly Pem[] | undefined;
  readonly key?: Pem | readonly Pem[] | undefined;
}

/** @throws FailedPrecondition (`TLS_MATERIAL`) when OpenSSL cannot use the material */
export function secureContextOf(host: string, material: TlsMaterial | undefined): SecureContext | undefined {
  if (material === undefined) return undefined;
  const { ca, cert, key } = material;
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ...texts(ca)] }),
      ...(cert === undefined ? {} : { cert: texts(cert) }),
      ...(key === undefined ? {} : { key: texts(key) }),
    });
  } catch (cause) {
    const why = oneLine(cause instanceof Error ? cause.message : String(cause));
    throw new LadingError(
      Code.FailedPrecondition,
      `the TLS certificates for ${host} cannot be used: ${why}`,
      {
        reason: 'TLS_MATERIAL',
        details: { host },
        cause,
      },
    );
  }
}

function texts(pem: Pem | readonly Pem[]): (string | Buffer)[] {
  const all = typeof pem === 'string' || pem instanceof Uint8Array ? [pem] : pem;
  return all.map((one) => (typeof one === 'string' ? one : Buffer.from(one)));
}
