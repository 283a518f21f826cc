// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/**
 * Whom an ID token is about, as Fulcio wants it signed: the mail address, or where there is none the subject. Nothing of
 * it is verified here: Fulcio does that.
 *
 * @throws InvalidArgument (`TOKEN_INVALID`), with nothing of the token in the message
 */
export function idTokenSubject(token: string): string {
  const parts = token.split('.');
  const claims = parts.length === 3 ? claimsOf(parts[1] ?? '') : undefined;
  if (claims === undefined) throw fault('it is no JSON Web Token of three parts');
  const [email, isVerified, subject, expiry] = ['email', 'email_verified', 'sub', 'exp'].map(
    (name): unknown => Reflect.get(claims, name),
  );
  if (typeof expiry === 'number' && expiry * 1000 < Date.now()) throw fault('it has expired; get another');
  if (typeof email === 'string' && email !== '') {
    if (isVerified === true || isVerified === 'true') return email;
    throw fault('its mail address is not verified by who issued it');
  }
  if (typeof subject === 'string' && subject !== '') return subject;
  throw fault('it names nobody');
}

function claimsOf(part: string): object | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function fault(why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `the ID token cannot be used: ${why}`, {
    reason: 'TOKEN_INVALID',
  });
}
