// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A certificate made here, with its key. */
export interface TestCertificate {
  readonly der: Buffer;
  readonly pem: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly subject: string;
}

/** What a certificate is to say; anything may be wrong. */
export interface TestCertificateOptions {
  readonly subject: string;
  /** Default: it vouches for itself. */
  readonly issuer?: TestCertificate;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Given: it is an authority. */
  readonly authority?: { readonly pathLength?: number };
  readonly emails?: readonly string[];
  readonly hosts?: readonly string[];
  /** Object identifiers. Default: code signing. Empty: the extension is left out. */
  readonly purposes?: readonly string[];
  readonly extensions?: readonly TestExtension[];
  readonly hash?: 'sha256' | 'sha1';
  /** Whose certificate it is. Default: that of a new key. */
  readonly publicKey?: KeyObject;
}

export interface TestExtension {
  readonly id: string;
  readonly isCritical?: boolean;
  readonly value: Buffer;
}

/** One value of DER. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content]);
  const length = Buffer.from(content.length.toString(16).padStart(content.length < 256 ? 2 : 4, '0'), 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, content]);
}

export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const digits: number[] = [];
    for (let left = number; ; left = Math.floor(left / 128)) {
      digits.unshift((left % 128) | (digits.length === 0 ? 0 : 0x80));
      if (left < 128) return digits;
    }
  });
  return der(0x06, Buffer.from(bytes));
}

const hour = 3_600_000;
const codeSigning = '1.3.6.1.5.5.7.3.3';
const algorithms = { sha256: '1.2.840.10045.4.3.2', sha1: '1.2.840.10045.4.1' };

export function makeCertificate(options: TestCertificateOptions): TestCertificate {
  const { subject, issuer, emails = [], hosts = [], purposes = [codeSigning], hash = 'sha256' } = options;
  const { notBefore = new Date(Date.now() - hour), notAfter = new Date(Date.now() + hour) } = options;
  const { privateKey, ...own } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { publicKey = own.publicKey } = options;
  const names = [
    ...emails.map((email) => der(0x81, Buffer.from(email))),
    ...hosts.map((host) => der(0x82, Buffer.from(host))),
  ];
  const extensions: TestExtension[] = [
    ...(options.authority === undefined ? [] : [authorityExtension(options.authority)]),
    ...(names.length === 0 ? [] : [{ id: '2.5.29.17', isCritical: true, value: der(0x30, ...names) }]),
    ...(purposes.length === 0 ? [] : [{ id: '2.5.29.37', value: der(0x30, ...purposes.map(objectId)) }]),
    ...(options.extensions ?? []),
  ];
  const algorithm = der(0x30, objectId(algorithms[hash]));
  const tbs = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1 + Math.floor(Math.random() * 100), 1)),
    algorithm,
    nameOf(issuer?.subject ?? subject),
    der(0x30, timeOf(notBefore), timeOf(notAfter)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, ...extensions.map(extensionOf))),
  );
  const signature = sign(hash, tbs, issuer?.privateKey ?? privateKey);
  const bytes = der(0x30, tbs, algorithm, der(0x03, Buffer.of(0), signature));
  return { der: bytes, pem: pemOf('CERTIFICATE', bytes), publicKey, privateKey, subject };
}

function pemOf(type: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`;
}

/** The extension in which Fulcio says who vouched for the person: the bare text, or DER. */
export function issuerExtension(issuer: string, version: 1 | 2 = 2): TestExtension {
  const text = Buffer.from(issuer);
  return version === 1
    ? { id: '1.3.6.1.4.1.57264.1.1', value: text }
    : { id: '1.3.6.1.4.1.57264.1.8', value: der(0x0c, text) };
}

function authorityExtension({ pathLength }: { readonly pathLength?: number }): TestExtension {
  const length = pathLength === undefined ? [] : [der(0x02, Buffer.of(pathLength))];
  return { id: '2.5.29.19', isCritical: true, value: der(0x30, der(0x01, Buffer.of(0xff)), ...length) };
}

function extensionOf({ id, isCritical = false, value }: TestExtension): Buffer {
  return der(0x30, objectId(id), ...(isCritical ? [der(0x01, Buffer.of(0xff))] : []), der(0x04, value));
}

function nameOf(commonName: string): Buffer {
  return der(0x30, der(0x31, der(0x30, objectId('2.5.4.3'), der(0x0c, Buffer.from(commonName)))));
}

function timeOf(time: Date): Buffer {
  const digits = time.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return time.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits));
}
