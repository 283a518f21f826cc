// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import {
  askService,
  type ServiceAnswer,
  type ServiceOptions,
  serviceFailure,
  serviceUrl,
} from './sigstore-service.ts';

/** What a person is to do: open the address, and enter the code there. */
export interface DevicePrompt {
  readonly url: string;
  /** Has the code in it already, where the issuer makes such addresses. */
  readonly completeUrl: string | undefined;
  readonly userCode: string;
}

/** Options of {@link requestIdToken}. */
export interface DeviceGrantOptions extends ServiceOptions {
  /** Who knows the person: `https://oauth2.example.com/auth`. */
  readonly issuerUrl: string;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** Shows it. Its texts come from the issuer. */
  readonly onPrompt: (prompt: DevicePrompt) => void | Promise<void>;
}

const service = 'the OIDC issuer';
const form = 'application/x-www-form-urlencoded';
const scope = 'openid email';
const usualIntervalSeconds = 5;
const usualExpirySeconds = 900;

/**
 * Gets an ID token with the help of a person who signs in on any machine with a browser.
 *
 * @throws PermissionDenied where the person or the issuer refuses; DeadlineExceeded where nobody signs in in time
 * @see https://www.rfc-editor.org/rfc/rfc8628
 */
export async function requestIdToken(options: DeviceGrantOptions): Promise<string> {
  const { issuerUrl, clientId = '', clientSecret, onPrompt, signal } = options;
  const configuration = await discover(issuerUrl, options);
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const device = await post(configuration.device, {
    client_id: clientId,
    scope,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  if (device.status !== 200) throw serviceFailure(service, configuration.device, device);
  const granted = documentOf(device);
  const deviceCode = textIn(granted, 'device_code');
  await onPrompt({
    url: textIn(granted, 'verification_uri'),
    completeUrl: optionalTextIn(granted, 'verification_uri_complete'),
    userCode: textIn(granted, 'user_code'),
  });
  let intervalSeconds = numberIn(granted, 'interval') ?? usualIntervalSeconds;
  const end = Date.now() + (numberIn(granted, 'expires_in') ?? usualExpirySeconds) * 1000;
  for (;;) {
    await pause(Math.max(intervalSeconds, 0.1) * 1000, undefined, { signal });
    const answer = await post(configuration.token, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: clientId,
      ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
      device_code: deviceCode,
      code_verifier: verifier,
      scope,
    });
    if (answer.status === 200) return textIn(documentOf(answer), 'id_token');
    const error = answer.status < 500 ? optionalTextIn(documentOf(answer), 'error') : undefined;
    if (error === 'slow_down') intervalSeconds += 5;
    else if (error === 'access_denied') {
      throw new LadingError(Code.PermissionDenied, `${service} says that signing in was refused`, {
        reason: 'SIGNING_FAILED',
      });
    } else if (error !== 'authorization_pending' && error !== 'expired_token') {
      throw serviceFailure(service, configuration.token, answer);
    }
    if (error === 'expired_token' || Date.now() > end) {
      throw new LadingError(Code.DeadlineExceeded, 'nobody has signed in in time; try again', {
        reason: 'SIGNING_FAILED',
      });
    }
  }

  function post(url: URL, fields: Readonly<Record<string, string>>): Promise<ServiceAnswer> {
    const body = new URLSearchParams(fields).toString();
    return askService({ service, method: 'POST', url, headers: { 'content-type': form }, body }, options);
  }
}

/** @see https://openid.net/specs/openid-connect-discovery-1_0.html */
async function discover(issuerUrl: string, options: ServiceOptions) {
  const url = serviceUrl(issuerUrl, '/.well-known/openid-configuration', 'oidcIssuerURL');
  const answer = await askService({ service, method: 'GET', url }, options);
  if (answer.status !== 200) throw serviceFailure(service, url, answer);
  const document = documentOf(answer);
  // Another issuer could answer in its place, and be shown what is meant for this one.
  if (textIn(document, 'issuer').replace(/\/$/, '') !== issuerUrl.replace(/\/$/, '')) {
    throw new LadingError(Code.FailedPrecondition, `${service} at ${url.host} says that it is another one`, {
      reason: 'SIGNING_FAILED',
    });
  }
  return {
    device: serviceUrl(textIn(document, 'device_authorization_endpoint'), '', 'its device endpoint'),
    token: serviceUrl(textIn(document, 'token_endpoint'), '', 'its token endpoint'),
  };
}

function documentOf({ text }: ServiceAnswer): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The answer is below.
  }
  throw unreadable('it is no JSON object');
}

function textIn(document: object, name: string): string {
  const value = optionalTextIn(document, name);
  if (value === undefined || value === '') throw unreadable(`${name} is missing`);
  return value;
}

function optionalTextIn(document: object, name: string): string | undefined {
  const value: unknown = Reflect.get(document, name);
  return typeof value === 'string' ? value : undefined;
}

function numberIn(document: object, name: string): number | undefined {
  const value: unknown = Reflect.get(document, name);
  return typeof value === 'number' && value >= 0 && value < 86_400 ? value : undefined;
}

function unreadable(why: string): LadingError {
  return new LadingError(Code.FailedPrecondition, `the answer of ${service} cannot be used: ${why}`, {
    reason: 'SIGNING_FAILED',
  });
}
