// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from './certificate.ts';
import { DerTag, derFault, openDer, readDer, readObjectId, readSmallInteger } from './der.ts';

/** Object identifiers of extensions that decisions here are made by. */
export const ExtensionId = {
  KeyUsage: '2.5.29.15',
  SubjectAltName: '2.5.29.17',
  BasicConstraints: '2.5.29.19',
  NameConstraints: '2.5.29.30',
  ExtendedKeyUsage: '2.5.29.37',
  /** Of Fulcio: who vouched for the person. The first form is the bare text. */
  FulcioIssuer: '1.3.6.1.4.1.57264.1.1',
  FulcioIssuerV2: '1.3.6.1.4.1.57264.1.8',
} as const;

/** How many authorities may stand between an authority and what it vouches for; undefined: any number. */
export function pathLength({ extensions }: Certificate): number | undefined {
  const found = extensions.get(ExtensionId.BasicConstraints);
  if (found === undefined) return undefined;
  const [list] = readDer(found.value);
  const length = openDer(list, DerTag.Sequence).find(({ tag }) => tag === DerTag.Integer);
  return length === undefined ? undefined : readSmallInteger(length);
}

const codeSigning = '1.3.6.1.5.5.7.3.3';
const anyPurpose = '2.5.29.37.0';

/** Whether a certificate may vouch for signatures; one without purposes may be for all. */
export function isForSignatures({ extensions }: Certificate): boolean {
  const found = extensions.get(ExtensionId.ExtendedKeyUsage);
  if (found === undefined) return true;
  const [list] = readDer(found.value);
  const purposes = openDer(list, DerTag.Sequence).map(readObjectId);
  return purposes.includes(codeSigning) || purposes.includes(anyPurpose);
}

/** `[1]` among the names of a subject. */
const emailTag = 0x81;

/** The mail addresses that a certificate is for. */
export function emailsOf({ extensions }: Certificate): readonly string[] {
  const found = extensions.get(ExtensionId.SubjectAltName);
  if (found === undefined) return [];
  const [list] = readDer(found.value);
  return openDer(list, DerTag.Sequence)
    .filter(({ tag }) => tag === emailTag)
    .map(({ content }) => {
      if (content.some((byte) => byte < 0x20 || byte > 0x7e))
        throw derFault('a mail address that is no text');
      return Buffer.from(content).toString('latin1');
    });
}

/** Who vouched to Fulcio for the person; undefined when the certificate does not tell. */
export function fulcioIssuerOf({ extensions }: Certificate): string | undefined {
  const first = extensions.get(ExtensionId.FulcioIssuer);
  const second = extensions.get(ExtensionId.FulcioIssuerV2);
  const bare = first === undefined ? undefined : Buffer.from(first.value).toString();
  if (second === undefined) return bare;
  const [value, ...more] = readDer(second.value);
  if (value?.tag !== DerTag.Utf8String || more.length > 0) throw derFault('an issuer that is no text');
  const text = Buffer.from(value.content).toString();
  if (bare !== undefined && bare !== text) throw derFault('two issuers that differ');
  return text;
}
