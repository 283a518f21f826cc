// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** The users of a password file. */
export interface HtpasswdUsers {
  /** bcrypt hashes by name. */
  readonly hashes: ReadonlyMap<string, string>;
  /** The highest cost of a hash: two to this power rounds. */
  readonly cost: number;
}

const bcryptPattern = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** What `htpasswd -C` takes at most. A login would take minutes with the highest that the format knows. */
const highestCost = 17;
const standardCost = 10;

/**
 * Reads lines of `name:hash`; empty lines and lines that begin with `#` do not count. Of two lines with one name
 * the first counts, as for Apache.
 *
 * @throws InvalidArgument that names the line and the user, and never the hash
 */
export function parseHtpasswd(text: string, file: string): HtpasswdUsers {
  const hashes = new Map<string, string>();
  let cost = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\r$/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name, hash = ''] = /^([^:]+):(.*)$/s.exec(line) ?? [];
    if (name === undefined) throw fault(file, index, 'is not NAME:HASH');
    const [, digits] = bcryptPattern.exec(hash) ?? [];
    const who = `of ${JSON.stringify(name)}`;
    if (digits === undefined) {
      throw fault(file, index, `the password ${who} is not hashed with bcrypt; make it with htpasswd -B`);
    }
    const own = Number(digits);
    if (own < 4 || own > highestCost) {
      throw fault(file, index, `the bcrypt cost ${who} is ${own}; use 4 to ${highestCost}`);
    }
    if (hashes.has(name)) continue;
    hashes.set(name, hash);
    cost = Math.max(cost, own);
  }
  return { hashes, cost: cost === 0 ? standardCost : cost };
}

function fault(file: string, index: number, what: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${file}:${index + 1}: ${what}`, {
    reason: 'HTPASSWD_INVALID',
  });
}
