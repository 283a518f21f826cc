// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import type { ContainerSecret } from '@lading/engine';
import { quote } from '@lading/go-template';
import { splitPair } from './key-value.ts';

const known = ['source', 'type', 'target', 'uid', 'gid', 'mode'] as const;
type Key = (typeof known)[number];

/** `NAME[,type=mount|env][,target=T][,uid=N][,gid=N][,mode=0NNN]`; the name may also be given as `source=NAME`. */
export function parseSecret(text: string): ContainerSecret {
  const wrong = (why: string) => usageError(`invalid --secret ${quote(text)}: ${why}`);
  const [first = '', ...rest] = text.split(',');
  const pairs = [first.includes('=') ? first : `source=${first}`, ...rest].map(splitPair);
  const given = new Map<Key, string>();
  for (const [key, value] of pairs) {
    const name = known.find((one) => one === key);
    if (name === undefined) throw wrong(`${quote(key)} is no option; there is ${known.join(', ')}`);
    if (value === undefined || value === '') throw wrong(`${name} has no value`);
    given.set(name, value);
  }
  const number = (key: Key, pattern: RegExp, radix: number): number | undefined => {
    const value = given.get(key);
    if (value === undefined) return undefined;
    if (!pattern.test(value)) throw wrong(`${key} is no number`);
    return Number.parseInt(value, radix);
  };
  const secret = given.get('source');
  if (secret === undefined) throw wrong('it names no secret');
  const target = given.get('target');
  const common = { secret, ...(target !== undefined && { target }) };
  const type = given.get('type') ?? 'mount';
  const [uid, gid] = [number('uid', /^\d{1,9}$/, 10), number('gid', /^\d{1,9}$/, 10)];
  const mode = number('mode', /^[0-7]{1,4}$/, 8);
  if (type === 'mount') {
    return {
      type,
      ...common,
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
      ...(mode !== undefined && { mode }),
    };
  }
  if (type !== 'env') throw wrong(`the type is mount or env, not ${quote(type)}`);
  if (uid !== undefined || gid !== undefined || mode !== undefined) {
    throw wrong('uid, gid and mode are for type=mount');
  }
  return { type, ...common };
}
