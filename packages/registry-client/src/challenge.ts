// SPDX-License-Identifier: Apache-2.0

/** One challenge of a WWW-Authenticate header. Scheme and parameter names are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const token = /[!#$%&'*+\-.^_`|~\w]+/y;
const quoted = /"((?:[^"\\]|\\.)*)"/y;
const space = /[ \t]+/y;
const equals = /[ \t]*=[ \t]*/y;
const separators = /[ \t,]+/y;
const token68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;

/** Longer headers than this are no challenge that a registry sends. */
const longestHeader = 16 * 1024;

/**
 * Reads the challenges of a WWW-Authenticate header, several in one header too. Reading stops where the
 * text is none by the grammar; what came before it is kept.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const text = header.slice(0, longestHeader);
  const challenges: Challenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text) ?? undefined;
    if (match !== undefined) at += match[0].length;
    return match;
  };

  take(separators);
  while (at < text.length) {
    const scheme = take(token);
    if (scheme === undefined) break;
    const parameters: Record<string, string> = Object.create(null);
    challenges.push({ scheme: scheme[0].toLowerCase(), parameters });
    if (take(space) === undefined) {
      if (take(separators) === undefined) break;
      continue;
    }
    if (!startsParameter(text, at)) {
      take(token68);
      take(separators);
      continue;
    }
    while (startsParameter(text, at)) {
      const name = take(token)?.[0].toLowerCase() ?? '';
      take(equals);
      const string = take(quoted);
      const value = string === undefined ? take(token)?.[0] : string[1]?.replaceAll(/\\(.)/g, '$1');
      if (value === undefined) return challenges;
      // The first of two equal names counts: a second one must not turn the realm to another place.
      parameters[name] ??= value;
      take(separators);
    }
  }
  return challenges;
}

function startsParameter(text: string, at: number): boolean {
  const pattern = /[!#$%&'*+\-.^_`|~\w]+[ \t]*=[ \t]*(?:"|[!#$%&'*+\-.^_`|~\w])/y;
  pattern.lastIndex = at;
  return pattern.test(text);
}
