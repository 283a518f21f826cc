// SPDX-License-Identifier: Apache-2.0
import type { SecureContext } from 'node:tls';
import { Code, LadingError } from '@lading/errors';
import { oneLine } from './errors.ts';
import type { Pem, TlsMaterial } from './tls-material.ts';

/**
 * @param verifies false where the host's certificate is not looked at: then no authorities are read, which takes
 *   as long as a short command
 * @throws FailedPrecondition (`TLS_MATERIAL`) when OpenSSL cannot use the material
 */
export async function secureContextOf(
  host: string,
  material: TlsMaterial | undefined,
  verifies: boolean,
): Promise<SecureContext | undefined> {
  if (material === undefined && verifies) return undefined;
  // Loaded here: it takes a third of the time in which a short command over plain HTTP is done.
  const { createSecureContext, getCACertificates } = await import('node:tls');
  const { ca, cert, key, minVersion, ciphers, groups } = material ?? {};
  const roots = verifies ? await material?.roots?.() : [];
  try {
    return createSecureContext({
      ...(ca === undefined && roots === undefined
        ? {}
        : {
            ca: [
              ...(roots === undefined ? getCACertificates('default') : texts(roots)),
              ...(ca === undefined ? [] : texts(ca)),
            ],
          }),
      ...(cert === undefined ? {} : { cert: texts(cert) }),
      ...(key === undefined ? {} : { key: texts(key) }),
      ...(minVersion === undefined ? {} : { minVersion }),
      ...(ciphers === undefined ? {} : { ciphers }),
      ...(groups === undefined ? {} : { ecdhCurve: groups }),
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
