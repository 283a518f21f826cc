// SPDX-License-Identifier: Apache-2.0

// Fulcio, Rekor and an OIDC issuer as their clients see them, with certificates and entries that are real.

import { createHash, createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { issuerExtension, makeCertificate, type TestCertificate } from './certificates.ts';
import { makeLog, type TestLog } from './rekor.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a service answers; asked with the body of the request. */
export type Handler = (request: IncomingMessage, body: string) => Answer | Promise<Answer>;

export interface Service extends AsyncDisposable {
  readonly url: string;
  /** `POST /path` of each request. */
  readonly requests: readonly string[];
}

/** A server on a port of its own. */
export async function startService(handler: Handler): Promise<Service> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const answer = async (): Promise<void> => {
      const { status, headers = {}, body = '' } = await handler(request, await text(request));
      response.writeHead(status, headers).end(body);
    };
    answer().catch((error: unknown) => response.writeHead(599).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const oidcIssuer = 'https://login.example.com';

/** An ID token; nobody here looks at its signature. */
export function idToken(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ iss: oidcIssuer, ...claims })}.c2ln`;
}

export function tokenOf(email: string): string {
  return idToken({ email, email_verified: true, sub: '7', exp: Math.floor(Date.now() / 1000) + 600 });
}

export interface FulcioOptions {
  readonly token: string;
  readonly email: string;
  /** How long certificates are good. Default: ten minutes. */
  readonly validMs?: number;
}

/** An authority that certifies keys of those who have a token and prove that they have the key. */
export function makeFulcio({ token, email, validMs = 600_000 }: FulcioOptions): {
  readonly root: TestCertificate;
  readonly handler: Handler;
} {
  const root = makeCertificate({ subject: 'root', authority: {}, purposes: [] });
  const intermediate = makeCertificate({
    subject: 'intermediate',
    issuer: root,
    authority: { pathLength: 0 },
  });
  const handler: Handler = ({ method, url, headers }, body) => {
    if (`${method} ${url}` !== 'POST /api/v1/signingCert') return { status: 404, body: 'no such path' };
    if (headers.authorization !== `Bearer ${token}`) {
      return { status: 401, body: JSON.stringify({ code: 16, message: 'There was an error\u001b[31m' }) };
    }
    const { publicKey, signedEmailAddress } = JSON.parse(body);
    const key = createPublicKey({
      key: Buffer.from(publicKey.content, 'base64'),
      format: 'der',
      type: 'spki',
    });
    const proof = Buffer.from(signedEmailAddress, 'base64');
    if (publicKey.algorithm !== 'ecdsa' || !verify('sha256', Buffer.from(email), key, proof)) {
      return { status: 400, body: JSON.stringify({ message: 'the proof is not one' }) };
    }
    const leaf = certify(intermediate, email, validMs, key);
    const chain = [leaf, intermediate, root].map(({ pem }) => pem).join('');
    return { status: 201, headers: { 'content-type': 'application/pem-certificate-chain' }, body: chain };
  };
  return { root, handler };
}

function certify(
  issuer: TestCertificate,
  email: string,
  validMs: number,
  publicKey: ReturnType<typeof createPublicKey>,
): TestCertificate {
  return makeCertificate({
    subject: '',
    issuer,
    emails: [email],
    extensions: [issuerExtension(oidcIssuer)],
    notBefore: new Date(Date.now() - 1000),
    notAfter: new Date(Date.now() + validMs),
    publicKey,
  });
}

/** A log that records signatures once, and says where it has one that comes again. */
export function makeRekor(): { readonly log: TestLog; readonly handler: Handler } {
  const log = makeLog();
  const entries = new Map<string, string>();
  const handler: Handler = ({ method, url = '' }, body) => {
    const uuid = url.split('/').at(-1) ?? '';
    const json = { 'content-type': 'application/json' };
    if (method === 'GET') {
      const known = entries.get(uuid);
      return known === undefined ? { status: 404 } : { status: 200, headers: json, body: known };
    }
    if (`${method} ${url}` !== 'POST /api/v1/log/entries') return { status: 404 };
    const { kind, spec } = JSON.parse(body);
    const { content, publicKey } = spec.signature;
    const isWhole = kind === 'hashedrekord' && /^[0-9a-f]{64}$/.test(spec.data.hash.value);
    if (!isWhole || content === '' || publicKey.content === '')
      return { status: 400, body: '{"message":"no"}' };
    const id = createHash('sha256').update(body).digest('hex');
    if (entries.has(id)) {
      const location = `/api/v1/log/entries/${id}`;
      return { status: 409, headers: { ...json, location }, body: '{"code":409,"message":"it is there"}' };
    }
    const { SignedEntryTimestamp, Payload } = log.seal(body);
    const verification = { inclusionProof: {}, signedEntryTimestamp: SignedEntryTimestamp };
    entries.set(id, JSON.stringify({ [id]: { ...Payload, verification } }));
    return { status: 201, headers: json, body: entries.get(id) ?? '' };
  };
  return { log, handler };
}
