// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey } from 'node:crypto';
import { parsePolicy } from '@lading/config';
import { Code } from '@lading/errors';
import { digestBytes } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../tools/test-support/certificates.ts';
import {
  type Answer,
  type Handler,
  idToken,
  makeFulcio,
  makeRekor,
  oidcIssuer,
  startService,
  tokenOf,
} from '../../../tools/test-support/sigstore-services.ts';
import {
  createSigstoreSigner,
  evaluatePolicy,
  generateSigstoreKey,
  type ImageSignature,
  type ImageSigner,
  requestIdToken,
} from '../src/index.ts';

const manifest = Buffer.from('{"schemaVersion":2}');
const dockerReference = 'registry.example.com/team/app:1';
const email = 'me@example.com';
const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

async function signed(signer: ImageSigner, signal?: AbortSignal): Promise<ImageSignature> {
  return signer.sign({ digest: await digestBytes(manifest), dockerReference }, { signal });
}

/** What a policy with this requirement says of the image with these signatures. */
async function decide(requirement: object, ...signatures: readonly ImageSignature[]): Promise<string> {
  const type = 'sigstoreSigned';
  const policy = parsePolicy(JSON.stringify({ default: [{ type, ...requirement }] }));
  const reference = `docker://${dockerReference}`;
  const image = { reference, manifest, signatures: async () => signatures, bundles: async () => [] };
  return evaluatePolicy(policy, image).then(
    () => 'accepted',
    (error: unknown) => String(error),
  );
}

function pemOf(log: ReturnType<typeof makeRekor>['log']): string {
  return base64(log.publicKey.export({ type: 'spki', format: 'pem' }));
}

/** It takes a second to make, which is what makes passphrases hard to guess. */
const generated = generateSigstoreKey('passphrase');

async function keyPair() {
  const pair = await generated;
  return {
    publicKey: pair.publicKey,
    key: { privateKey: Buffer.from(pair.privateKey), passphrase: 'passphrase' },
  };
}

describe('signing with a key, recorded by Rekor', () => {
  it('is accepted by who trusts the key and the log, and by nobody who trusts another log', async () => {
    const { log, handler } = makeRekor();
    await using rekor = await startService(handler);
    const { key, publicKey } = await keyPair();
    const signature = await signed(await createSigstoreSigner({ ...key, rekorUrl: `${rekor.url}/` }));
    const keyData = base64(publicKey);
    expect(await decide({ keyData, rekorPublicKeyData: pemOf(log) }, signature)).toBe('accepted');
    expect(await decide({ keyData }, signature)).toBe('accepted');
    const other = pemOf(makeRekor().log);
    expect(await decide({ keyData, rekorPublicKeyData: other }, signature)).toMatch(/no trusted log/);
    expect(rekor.requests).toEqual(['POST /api/v1/log/entries']);
  });

  it('asks again where the log fails for a moment, and takes the entry of the attempt before', async () => {
    const { log, handler } = makeRekor();
    let times = 0;
    await using rekor = await startService(async (request, body) => {
      times += 1;
      const answer = await handler(request, body);
      // Recorded, but the answer is lost.
      return times === 1 ? { status: 502, body: 'bad gateway' } : answer;
    });
    const { key, publicKey } = await keyPair();
    const signature = await signed(await createSigstoreSigner({ ...key, rekorUrl: rekor.url }));
    const requirement = { keyData: base64(publicKey), rekorPublicKeyData: pemOf(log) };
    expect(await decide(requirement, signature)).toBe('accepted');
    expect(rekor.requests.map((line) => line.replace(/[0-9a-f]{64}$/, 'UUID'))).toEqual([
      'POST /api/v1/log/entries',
      'POST /api/v1/log/entries',
      'GET /api/v1/log/entries/UUID',
    ]);
  });

  const { handler: honest } = makeRekor();
  const changed =
    (change: (body: string) => string): Handler =>
    async (request, body) => {
      const { status, body: answer = '' } = await honest(request, body);
      return { status, body: change(answer) };
    };
  const lies: readonly (readonly [string, Handler, RegExp])[] = [
    ['refuses', () => ({ status: 400, body: '{"message":"no\\u001b[2J"}' }), /answered 400: "no\\u001b\[2J"/],
    ['has no words', () => ({ status: 201, body: '' }), /not JSON|JSON/],
    ['answers with no entry', () => ({ status: 201, body: '{}' }), /not one signed entry/],
    ['answers with two', changed((body) => `${body.slice(0, -1)},"b":{}}`), /not one signed entry/],
    [
      'has signed nothing',
      changed((body) => body.replace('signedEntryTimestamp', 'x')),
      /not one signed entry/,
    ],
    [
      'leads elsewhere',
      () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }),
      /answered 302/,
    ],
    ['has it, and does not say where', () => ({ status: 409, body: '{}' }), /answered 409/],
    [
      'has it at a place that is none',
      () => ({ status: 409, headers: { location: '/../../admin' }, body: '{}' }),
      /answered 409/,
    ],
    [
      'records another signature',
      (request, body) => honest(request, body.replace(/"content":"M/, '"content":"N')),
      /of another signature/,
    ],
    [
      'records another text',
      (request, body) =>
        honest(request, body.replace(/"value":"[0-9a-f]{64}"/, `"value":"${'a'.repeat(64)}"`)),
      /of another text/,
    ],
    ['answers without end', () => ({ status: 201, body: 'x'.repeat(5 << 20) }), /longer than/],
  ];
  it.each(lies)('fails where the log %s', async (_name, handler, message) => {
    await using rekor = await startService(handler);
    const { key } = await keyPair();
    const signer = await createSigstoreSigner({ ...key, rekorUrl: rekor.url });
    const error = await signed(signer).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(message);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be in it
    expect(String(error)).not.toMatch(/\u001b/);
  });

  it('fails where nobody is there, and ends at a signal', async () => {
    const { key } = await keyPair();
    await using silent = await startService(() => new Promise<Answer>(() => {}));
    const controller = new AbortController();
    const pending = signed(await createSigstoreSigner({ ...key, rekorUrl: silent.url }), controller.signal);
    await expect.poll(() => silent.requests.length).toBe(1);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    const gone = await startService(() => ({ status: 200 }));
    await gone[Symbol.asyncDispose]();
    const signer = await createSigstoreSigner({ ...key, rekorUrl: gone.url });
    await expect(signed(signer)).rejects.toMatchObject({ code: Code.Unavailable });
  });
});

describe('signing with a certificate of Fulcio', () => {
  async function start(options: { readonly validMs?: number; readonly token?: string } = {}) {
    const { token = tokenOf(email), ...more } = options;
    const [fulcio, rekor] = [makeFulcio({ token, email, ...more }), makeRekor()];
    const [fulcioService, rekorService] = await Promise.all([
      startService(fulcio.handler),
      startService(rekor.handler),
    ]);
    return {
      requests: fulcioService.requests,
      options: { fulcio: { url: fulcioService.url, idToken: token }, rekorUrl: rekorService.url },
      requirement: {
        fulcio: { caData: base64(fulcio.root.pem), oidcIssuer, subjectEmail: email },
        rekorPublicKeyData: pemOf(rekor.log),
      },
      async [Symbol.asyncDispose]() {
        await fulcioService[Symbol.asyncDispose]();
        await rekorService[Symbol.asyncDispose]();
      },
    };
  }

  it('is accepted by who trusts the authority, the log, and that person', async () => {
    await using world = await start();
    const { requirement, options } = world;
    const signature = await signed(await createSigstoreSigner(options));
    expect(await decide(requirement, signature)).toBe('accepted');
    const { fulcio } = requirement;
    for (const [change, message] of [
      [{ subjectEmail: 'you@example.com' }, /it is for "me@example.com"/],
      [{ oidcIssuer: 'https://other.example.com' }, /its issuer is/],
      [{ caData: base64(makeCertificate({ subject: 'x', authority: {} }).pem) }, /not accepted|trusted/],
    ] as const) {
      expect(await decide({ ...requirement, fulcio: { ...fulcio, ...change } }, signature)).toMatch(message);
    }
  });

  it('asks for one certificate for all signatures, and for another when it has expired', async () => {
    await using lasting = await start();
    const signer = await createSigstoreSigner(lasting.options);
    for (let i = 0; i < 3; i++) await signed(signer);
    expect(lasting.requests).toHaveLength(1);
    await using short = await start({ validMs: -500 });
    const next = await createSigstoreSigner(short.options);
    await signed(next);
    expect(short.requests).toHaveLength(2);
  });

  it('takes a token without a mail address for its subject', async () => {
    const token = idToken({ sub: email });
    await using world = await start({ token });
    const signature = await signed(await createSigstoreSigner(world.options));
    expect(await decide(world.requirement, signature)).toBe('accepted');
  });

  const secret = 'SECRETPART';
  const tokens: readonly (readonly [string, string, RegExp])[] = [
    ['no token', secret, /no JSON Web Token/],
    ['no JSON in it', `a.${secret}.b`, /no JSON Web Token/],
    ['a mail address that nobody has verified', idToken({ email, secret }), /not verified/],
    [
      'a mail address that is said to be false',
      idToken({ email, email_verified: 'false', secret }),
      /not verified/,
    ],
    ['nobody in it', idToken({ secret }), /names nobody/],
    ['an end in the past', idToken({ sub: '1', exp: 5, secret }), /has expired/],
    ['another key than Fulcio knows', idToken({ sub: '1', secret }), /answered 401: "There was an error/],
  ];
  it.each(tokens)('refuses a token with %s, and says nothing of it', async (_name, token, message) => {
    await using world = await start();
    const options = { ...world.options, fulcio: { ...world.options.fulcio, idToken: token } };
    const error = await createSigstoreSigner(options).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(message);
    expect(JSON.stringify(error) + String(error)).not.toContain(token);
    expect(String(error)).not.toContain(secret);
  });

  const lies: readonly (readonly [string, Answer, RegExp])[] = [
    ['certifies another key', { status: 201, body: makeCertificate({ subject: 'x' }).pem }, /another key/],
    ['has no certificate', { status: 201, body: 'hello' }, /no certificates in PEM/],
    ['answers without end', { status: 201, body: 'x'.repeat(5 << 20) }, /longer than/],
    ['refuses', { status: 400, body: 'no' }, /answered 400: "no"/],
  ];
  it.each(lies)('fails where Fulcio %s', async (_name, answer, message) => {
    await using service = await startService(() => answer);
    const fulcio = { url: service.url, idToken: tokenOf(email) };
    await expect(createSigstoreSigner({ fulcio, rekorUrl: service.url })).rejects.toThrow(message);
  });

  it('takes the token nowhere else, nor where others can read it', async () => {
    await using other = await startService(() => ({ status: 201 }));
    await using leading = await startService(() => ({
      status: 307,
      headers: { location: `${other.url}/x` },
    }));
    const idToken = tokenOf(email);
    const rekorUrl = other.url;
    await expect(createSigstoreSigner({ fulcio: { url: leading.url, idToken }, rekorUrl })).rejects.toThrow(
      /answered 307/,
    );
    expect(other.requests).toEqual([]);
    for (const url of ['http://fulcio.example.com', 'ftp://fulcio.example.com', 'fulcio']) {
      await expect(createSigstoreSigner({ fulcio: { url, idToken }, rekorUrl })).rejects.toMatchObject({
        code: Code.InvalidArgument,
      });
    }
    await expect(createSigstoreSigner({ fulcio: { url: leading.url, idToken } })).rejects.toThrow(/rekorURL/);
  });
});

describe('an ID token by the device grant', () => {
  interface Issuer {
    readonly answers: readonly Answer[];
    readonly change?: (configuration: Record<string, string>, url: string) => object;
  }

  async function startIssuer({ answers, change = (same) => same }: Issuer) {
    const left = [...answers];
    let challenge = '';
    let url = '';
    const forms: URLSearchParams[] = [];
    const service = await startService((request, body) => {
      const form = new URLSearchParams(body);
      if (request.url === '/auth/.well-known/openid-configuration') {
        const configuration = {
          issuer: `${url}/auth`,
          device_authorization_endpoint: `${url}/device`,
          token_endpoint: `${url}/token`,
        };
        return { status: 200, body: JSON.stringify(change(configuration, url)) };
      }
      if (request.url === '/device') {
        challenge = form.get('code_challenge') ?? '';
        const granted = {
          device_code: 'device',
          user_code: 'ABCD',
          verification_uri: `${url}/enter`,
          interval: 0,
        };
        return { status: 200, body: JSON.stringify(granted) };
      }
      forms.push(form);
      const verifier = form.get('code_verifier') ?? '';
      const isOurs = createHash('sha256').update(verifier).digest('base64url') === challenge;
      return isOurs ? (left.shift() ?? { status: 500 }) : { status: 400, body: '{"error":"invalid_grant"}' };
    });
    url = service.url;
    return Object.assign(service, { forms });
  }
  const pending: Answer = { status: 400, body: '{"error":"authorization_pending"}' };

  it('shows where to sign in, and waits for it', async () => {
    const token = tokenOf(email);
    const last: Answer = { status: 200, body: JSON.stringify({ access_token: 'x', id_token: token }) };
    await using issuer = await startIssuer({ answers: [pending, pending, last] });
    const prompts: unknown[] = [];
    const found = await requestIdToken({
      issuerUrl: `${issuer.url}/auth`,
      clientId: 'sigstore',
      clientSecret: 'hush',
      onPrompt: (prompt) => void prompts.push(prompt),
    });
    expect(found).toBe(token);
    expect(prompts).toEqual([{ url: `${issuer.url}/enter`, completeUrl: undefined, userCode: 'ABCD' }]);
    expect(issuer.forms).toHaveLength(3);
    expect(Object.fromEntries(issuer.forms[0] ?? [])).toMatchObject({
      client_id: 'sigstore',
      client_secret: 'hush',
      device_code: 'device',
      scope: 'openid email',
    });
  });

  it.each<[string, Issuer, RegExp]>([
    ['refuses', { answers: [pending, { status: 400, body: '{"error":"access_denied"}' }] }, /was refused/],
    ['has waited long enough', { answers: [{ status: 400, body: '{"error":"expired_token"}' }] }, /in time/],
    ['fails', { answers: [{ status: 500, body: 'oops' }] }, /answered 500: "oops"/],
    [
      'gives no ID token',
      { answers: [{ status: 200, body: '{"access_token":"x"}' }] },
      /id_token is missing/,
    ],
    [
      'is another one',
      { answers: [], change: (c) => ({ ...c, issuer: 'https://evil.example.com' }) },
      /another one/,
    ],
    [
      'leads to where others can read',
      { answers: [], change: (c) => ({ ...c, token_endpoint: 'http://evil.example.com/' }) },
      /its token endpoint is not encrypted/,
    ],
    [
      'knows no devices',
      { answers: [], change: ({ issuer }) => ({ issuer }) },
      /device_authorization_endpoint/,
    ],
  ])('fails where the issuer %s', async (_name, options, message) => {
    await using issuer = await startIssuer(options);
    const issuerUrl = `${issuer.url}/auth`;
    await expect(requestIdToken({ issuerUrl, onPrompt() {} })).rejects.toThrow(message);
  });

  it('ends at a signal while it waits', async () => {
    await using issuer = await startIssuer({ answers: Array(50).fill(pending) });
    const controller = new AbortController();
    const waiting = requestIdToken({
      issuerUrl: `${issuer.url}/auth`,
      onPrompt: () => controller.abort(),
      signal: controller.signal,
    });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});

it('the public key of a key pair is the one that the log records', async () => {
  const { handler } = makeRekor();
  let recorded = '';
  await using rekor = await startService((request, body) => {
    recorded = Buffer.from(JSON.parse(body).spec.signature.publicKey.content, 'base64').toString();
    return handler(request, body);
  });
  const { key, publicKey } = await keyPair();
  await signed(await createSigstoreSigner({ ...key, rekorUrl: rekor.url }));
  expect(createPublicKey(recorded).equals(createPublicKey(publicKey))).toBe(true);
});
